#include "app/cli/card.h"
#include "app/cli/command.h"
#include "app/cli/plan.h"

int command_plan(const struct command_call *call)
{
    struct plan_options options;
    struct problems silent = {.add = NULL};
    if (!plan_parse(call->argc, call->argv, &options, call->err))
        return 2;
    struct card *card = cli_card_open(call->port, call->file, &silent);
    if (!card) {
        fprintf(call->err, "plan: %s\n", port_error_sentence(call->port));
        return 1;
    }
    if (silent.errors > 0)
        fprintf(call->err, "plan: the card has %d error%s: see `stagebox check`\n", silent.errors,
                silent.errors == 1 ? "" : "s");
    int status = plan_run(&card->content.ladder, &options, call->out, call->err);
    cli_card_close(card);
    return status;
}
