#include "app/record/report.h"

#include <string.h>

#include "app/cli/card.h"
#include "app/cli/command.h"
#include "app/record/batch.h"

static bool parse(const struct command_call *call, enum report_format *format)
{
    char name[COMMAND_OPTION_MAX];
    const char *value;
    *format = REPORT_CSV;
    for (int i = 0; i < call->argc; i++)
        if (!command_option(call, &i, name, &value) || strcmp(name, "--format") != 0 ||
            !report_format_parse(value, format))
            return false;
    return true;
}

static bool to_file(void *ctx, const char *text, size_t len)
{
    return fwrite(text, 1, len, ctx) == len;
}

int command_report(const struct command_call *call)
{
    enum report_format format;
    struct problems silent = {.add = NULL};
    if (!parse(call, &format))
        return command_usage(call, "report", "report: --format wants csv, json or html");
    struct card *card = cli_card_open(call->port, call->file, &silent);
    if (!card) {
        fprintf(call->err, "report: %s\n", port_error_sentence(call->port));
        return 1;
    }
    struct out out;
    out_sink(&out, to_file, call->out);
    int status = batch_report(call->port, &card->settings, &card->content, format, &out, call->err);
    cli_card_close(card);
    return out.failed ? 1 : status;
}
