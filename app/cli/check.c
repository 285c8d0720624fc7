#include "app/cli/card.h"
#include "app/cli/command.h"
#include "app/cli/problems.h"

int command_check(const struct command_call *call)
{
    if (call->argc > 0)
        return command_usage(call, "check", "check: takes no arguments");
    struct problems problems = {.add = problem_print, .ctx = call->out};
    struct card *card = cli_card_open(call->port, call->file, &problems);
    if (!card) {
        fprintf(call->err, "check: %s\n", port_error_sentence(call->port));
        return 1;
    }
    cli_card_close(card);
    if (problems.errors == 0 && problems.warnings == 0)
        fprintf(call->out, "%s: everything is fine\n", call->file);
    return problems.errors > 0 ? 1 : 0;
}
