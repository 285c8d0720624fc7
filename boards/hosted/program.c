#include "boards/hosted/program.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "app/cli/command.h"

static const char *const places[] = {"./stagebox.ini", "/boot/firmware/stagebox.ini", "/boot/stagebox.ini",
                                     "/etc/stagebox/stagebox.ini"};

struct arguments {
    const char *file;
    bool verbose;
    const struct command *command;
    int rest; /* index of the first word behind the command */
};

static int usage(const char *format, const char *word)
{
    fprintf(stderr, format, word);
    fprintf(stderr, "\nusage: stagebox [-c FILE] [-v] COMMAND; see `stagebox help`\n");
    return 2;
}

/* 0, or the exit status. */
static int parse(int argc, char **argv, struct arguments *out)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-v") == 0)
            out->verbose = true;
        else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
            out->file = argv[++i];
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            out->command = command_find("help");
        else if (strcmp(argv[i], "--version") == 0)
            out->command = command_find("version");
        else
            return usage("stagebox: what is %s?", argv[i]);
    }
    out->rest = i;
    if (out->command)
        return 0;
    if (i == argc)
        return usage("stagebox: say what to do%s", "");
    out->command = command_find(argv[i]);
    if (!out->command) {
        command_unknown(stderr, "stagebox", argv[i]);
        return 2;
    }
    out->rest = i + 1;
    return 0;
}

static const char *find_file(const struct arguments *arguments)
{
    if (arguments->file)
        return arguments->file;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], F_OK) == 0)
            return places[i];
    return NULL;
}

/* `--help` behind a command means `help COMMAND`. */
static bool asks_for_help(int argc, char **argv)
{
    return argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0);
}

/* Without settings, where the command can do without them: the folder where it was called, and no file. */
static int with_port(const struct arguments *arguments, const struct program_port *port, struct command_call *call)
{
    const char *path = find_file(arguments);
    char dir[PATH_MAX], why[512];
    if (!path && arguments->command->needs == COMMAND_NEEDS_CARD) {
        fprintf(stderr, "stagebox: there is no stagebox.ini: looked for %s, %s, %s and %s; name one with -c\n",
                places[0], places[1], places[2], places[3]);
        return 1;
    }
    const char *slash = path ? strrchr(path, '/') : NULL;
    int len = snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (len == 0)
        strcpy(dir, "/");
    call->port = port->open(port->ctx, dir, arguments->verbose, why, sizeof why);
    if (!call->port) {
        fprintf(stderr, "stagebox: %s\n", why);
        return 1;
    }
    call->file = slash ? slash + 1 : path;
    int status = arguments->command->run(call);
    port->close(port->ctx, call->port);
    return status;
}

static void echo(bool on)
{
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) != 0)
        return;
    mode.c_lflag = on ? mode.c_lflag | ECHO : mode.c_lflag & ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode);
}

static void measure(unsigned *columns, unsigned *rows)
{
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    *columns = known ? size.ws_col : 80;
    *rows = known ? size.ws_row : 24;
}

/* Who sits there: a person at a terminal, or a program. */
static void look_at_terminal(struct command_call *call)
{
    if (isatty(STDIN_FILENO))
        call->echo = echo;
    if (!isatty(STDOUT_FILENO))
        return;
    call->measure = measure;
    measure(&call->columns, &call->rows);
}

int program_main(int argc, char **argv, const struct program_port *port)
{
    struct arguments arguments = {.file = NULL};
    int status = parse(argc, argv, &arguments);
    if (status)
        return status;
    struct command_call call = {
        .argc = argc - arguments.rest, .argv = argv + arguments.rest, .out = stdout, .err = stderr};
    if (asks_for_help(call.argc, call.argv)) {
        char *name = (char *)(uintptr_t)arguments.command->name;
        call.argc = 1;
        call.argv = &name;
        return command_help(&call);
    }
    look_at_terminal(&call);
    bool needs = arguments.command->needs != COMMAND_NEEDS_NOTHING;
    status = needs ? with_port(&arguments, port, &call) : arguments.command->run(&call);
    return fflush(stdout) == 0 ? status : 1;
}
