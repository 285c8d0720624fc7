/* command.h - the commands of `stagebox`, one file each. What a machine is (arguments, where the card
 * lies) is the board's business; a command gets the port and its words.
 *
 * Every command returns the exit status: 0 fine, 1 the thing asked about is not fine (problems are on
 * stderr), 2 wrong usage.
 */
#ifndef STAGEBOX_APP_CLI_COMMAND_H
#define STAGEBOX_APP_CLI_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "ports/port.h"

struct command_call {
    struct port *port; /* NULL for commands that need nothing */
    const char *file;  /* the settings file, a path on the card */
    int argc;          /* the words behind the command's name */
    char **argv;
    FILE *out, *err;
    unsigned columns, rows; /* of the terminal that `out` is; 0: it is none */
    /* The same as they are now: a person changes them. NULL: it is none, or they stay. */
    void (*measure)(unsigned *columns, unsigned *rows);
    /* Shows, or does not show, what is typed in; NULL: nobody types. */
    void (*echo)(bool on);
};

enum command_needs {
    COMMAND_NEEDS_NOTHING,
    COMMAND_NEEDS_PORT, /* any folder will do; `file` is NULL where no settings were found */
    COMMAND_NEEDS_CARD
};

struct command {
    const char *name;
    const char *arguments; /* "[-i IFACE]" */
    const char *summary;   /* one line */
    const char *help;      /* some more lines; ends with a newline */
    enum command_needs needs;
    int (*run)(const struct command_call *call);
};

/* The commands in the order of `help`; a NULL name ends them. */
extern const struct command commands[];
/* NULL where there is no such command. */
const struct command *command_find(const char *name);
/* Says that there is no such command, and which one was perhaps meant, behind "WHO: "; with an end of line. */
void command_unknown(FILE *err, const char *who, const char *name);

int command_run(const struct command_call *call);
int command_check(const struct command_call *call);
int command_plan(const struct command_call *call);
int command_report(const struct command_call *call);
int command_status(const struct command_call *call);
int command_cert(const struct command_call *call);
int command_passwd(const struct command_call *call);
int command_version(const struct command_call *call);
int command_help(const struct command_call *call);

#define COMMAND_OPTION_MAX 24 /* bytes of an option's name, NUL included */
/* Reads `--name value` or `--name=value` at word *i, which is then its last word. False where there is no value, or a
 * name that is too long. */
bool command_option(const struct command_call *call, int *i, char name[COMMAND_OPTION_MAX], const char **value);

/* Says that a word is not understood, and how the command goes; returns 2. */
int command_usage(const struct command_call *call, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
