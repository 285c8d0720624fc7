#include <string.h>

#include "app/appliance.h"
#include "app/cli/command.h"
#include "app/cli/problems.h"

int command_run(const struct command_call *call)
{
    const char *interface = NULL;
    bool no_shell = false;
    for (int i = 0; i < call->argc; i++) {
        if (strcmp(call->argv[i], "--no-shell") == 0) {
            no_shell = true;
            continue;
        }
        if (strcmp(call->argv[i], "-i") != 0)
            return command_usage(call, "run", "run: what is %s?", call->argv[i]);
        if (++i == call->argc)
            return command_usage(call, "run", "run: -i wants the name of an interface");
        interface = call->argv[i];
    }
    struct problems problems = {.add = problem_print, .ctx = call->err};
    struct appliance_options options = {.port = call->port,
                                        .file = call->file,
                                        .interface = interface,
                                        .problems = &problems,
                                        .no_shell = no_shell};
    return appliance_run(&options);
}
