/* console.h - the log on the serial port, which is slow: lines are kept until it takes them, and nobody waits. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_CONSOLE_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_CONSOLE_H

#include "config/problem.h"
#include "ports/port.h"

#define CONSOLE_BYTES 8192
#define CONSOLE_MS 4 /* in which the port sends less than its FIFO holds */

/* What the board has needed so far; each can only grow. */
struct console_usage {
    size_t heap, stack; /* bytes; files in memory left out */
    uint64_t work_us;   /* the longest time without a look at the receive ring */
    uint32_t overruns;  /* how often that was full */
};

struct console {
    char bytes[CONSOLE_BYTES];
    size_t first, count;
    unsigned lost; /* lines, since that was last told */
    struct console_usage told;
};

/* A line of the log, the level in front of warnings and errors. */
void console_say(struct console *console, enum port_level level, const char *line);
/* A line as it is. */
void console_line(void *console, const char *line);
/* For struct problems: a line as `check` prints it. */
void console_problem(void *console, const struct problem *problem);
/* Once a turn: gives the port what it takes. */
void console_turn(struct console *console);
/* Tells of usage that grew. `loaded`: bytes that files take. */
void console_tell_usage(struct console *console, const struct console_usage *usage, size_t loaded);
bool console_pending(const struct console *console);

#endif
