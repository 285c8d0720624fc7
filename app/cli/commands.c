#include "app/cli/command.h"

#include <stdarg.h>
#include <string.h>

#include "config/text.h"

const struct command commands[] = {
    {"run", "[-i IFACE] [--no-shell]", "the appliance: serves DHCP, TFTP and HTTP until it is told to stop",
     "Runs in the foreground and logs to stderr, one line an event with the phone's MAC. A line `ready`\n"
     "says that every listener is up. SIGINT and SIGTERM stop it cleanly; SIGHUP reads settings, firmware/,\n"
     "profiles/ and phones.csv anew without dropping a transfer.\n"
     "  -i IFACE     the network interface, instead of [box] interface\n"
     "  --no-shell   for a machine on which nobody can mend a file: with errors in the settings it does not end, but\n"
     "               serves DHCP and the dashboard, which shows them, and gives no phone anything\n",
     COMMAND_NEEDS_CARD, command_run},
    {"check", "", "reads everything that `run` would read and prints every problem",
     "Prints FILE:LINE: error: ... and FILE:LINE: warning: ... to stdout. Exit status 1 if there is any error.\n",
     COMMAND_NEEDS_CARD, command_check},
    {"plan", "MODEL VERSION [--json] [--gates]", "the rungs that a phone would climb with today's firmware/",
     "For example `stagebox plan SPA504G 7.3.7` prints a line a rung and `done at 7.6.1`.\n"
     "  --json     the same as one JSON object\n"
     "  --gates    the rules in force (MODEL and VERSION may then be left out)\n",
     COMMAND_NEEDS_CARD, command_plan},
    {"status", "[URL] [--watch]", "the batch of a running box: a row a phone, with its state, its rung and a bar",
     "Asks the box at URL (http://192.168.10.10), or that of the settings. Exit status 1 where none answers.\n"
     "  --watch   goes on drawing until it is stopped; where stdout is no terminal, a line for each change\n",
     COMMAND_NEEDS_PORT, command_status},
    {"report", "[--format csv|json|html]", "the report of the batch, from state/",
     "Works whether or not the box runs. The columns of phones.csv are in it.\n"
     "  --format F   csv (the default), json, or html to print and sign\n",
     COMMAND_NEEDS_CARD, command_report},
    {"cert", "ca|server|csr [OPTIONS]", "makes a CA, a certificate for the box, or a request for one",
     "Nothing is ever overwritten; keys are readable for their owner alone. What is where, and which phones\n"
     "accept what, stands in docs/certificates.md.\n"
     "  ca       a private CA: certs/ca.crt and certs/ca.key\n"
     "  server   from that CA, for the box's name: certs/server.crt (with the CA behind it) and certs/server.key\n"
     "  csr      a key and a signing request for the phone vendor's provisioning CA: certs/server.key, "
     "certs/server.csr\n"
     "  --name NAME      the common name, instead of the box's name with .local (the CA: with `staging CA`)\n"
     "  --alt NAME       a further host name; up to six times (server)\n"
     "  --key BITS       1024, 2048 (the default) or what else up to 4096: see docs/certificates.md\n"
     "  --digest D       sha256 (the default) or sha1, for old phones\n"
     "  --days N         valid for so long from now on; without it from 1970 to 2037, for phones without a clock\n"
     "  --ca STEM        the CA, instead of certs/ca (server)\n"
     "  --out STEM       where to, instead of certs/ca or certs/server; .crt, .csr and .key are put behind it\n",
     COMMAND_NEEDS_CARD, command_cert},
    {"passwd", "", "reads a password and prints the value for [web] password",
     "Reads one line from stdin, without showing it. What is printed cannot be turned back into the password.\n"
     "No settings are needed.\n",
     COMMAND_NEEDS_PORT, command_passwd},
    {"version", "", "the version of stagebox", "", COMMAND_NEEDS_NOTHING, command_version},
    {"help", "[COMMAND]", "this text, or more about a command", "", COMMAND_NEEDS_NOTHING, command_help},
    {NULL, NULL, NULL, NULL, COMMAND_NEEDS_NOTHING, NULL},
};

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* NULL where none is like it. */
static const struct command *nearest(const char *name)
{
    const struct command *best = NULL;
    for (const struct command *c = commands; c->name; c++)
        if (text_near(name, c->name) && (!best || text_distance(name, c->name) < text_distance(name, best->name)))
            best = c;
    return best;
}

void command_unknown(FILE *err, const char *who, const char *name)
{
    const struct command *near = nearest(name);
    fprintf(err, "%s: there is no command %s; ", who, name);
    fprintf(err, near ? "did you mean %s?\n" : "`stagebox help` names them\n", near ? near->name : "");
}

bool command_option(const struct command_call *call, int *i, char name[COMMAND_OPTION_MAX], const char **value)
{
    const char *word = call->argv[*i];
    size_t len = strcspn(word, "=");
    if (len >= COMMAND_OPTION_MAX || (!word[len] && *i + 1 == call->argc))
        return false;
    memcpy(name, word, len);
    name[len] = '\0';
    *value = word[len] ? word + len + 1 : call->argv[++*i];
    return true;
}

int command_usage(const struct command_call *call, const char *name, const char *format, ...)
{
    const struct command *c = command_find(name);
    va_list args;
    va_start(args, format);
    vfprintf(call->err, format, args);
    va_end(args);
    fprintf(call->err, "\nusage: stagebox [-c FILE] [-v] %s%s%s\n", c->name, c->arguments[0] ? " " : "", c->arguments);
    return 2;
}

int command_version(const struct command_call *call)
{
    if (call->argc > 0)
        return command_usage(call, "version", "version: takes no arguments");
    fprintf(call->out, "stagebox %s\n", STAGEBOX_VERSION);
    return 0;
}

static void print_all(FILE *out)
{
    fprintf(out, "usage: stagebox [-c FILE] [-v] COMMAND\n\n"
                 "Brings Cisco SPA 3xx/5xx phones from whatever firmware they have to the one that you want.\n\n");
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "  %-8s %-34s %s\n", c->name, c->arguments, c->summary);
    fprintf(out, "\n  -c FILE  the settings; else the first that exists of ./stagebox.ini,\n"
                 "           /boot/firmware/stagebox.ini, /boot/stagebox.ini, /etc/stagebox/stagebox.ini.\n"
                 "           Everything else is found in that file's folder.\n"
                 "  -v       more lines in the log\n\n"
                 "The smallest stagebox.ini:\n\n"
                 "  [box]\n  interface = eth0\n  address = 192.168.10.10/24\n\n"
                 "Exit status: 0 fine, 1 what was asked about is not fine, 2 wrong usage.\n");
}

int command_help(const struct command_call *call)
{
    if (call->argc == 0) {
        print_all(call->out);
        return 0;
    }
    const struct command *c = command_find(call->argv[0]);
    if (call->argc > 1)
        return command_usage(call, "help", "help: what is %s?", call->argv[1]);
    if (!c) {
        command_unknown(call->err, "help", call->argv[0]);
        return 2;
    }
    fprintf(call->out, "usage: stagebox [-c FILE] [-v] %s%s%s\n\n%s.\n", c->name, c->arguments[0] ? " " : "", c->arguments,
            c->summary);
    if (c->help[0])
        fprintf(call->out, "\n%s", c->help);
    return 0;
}
