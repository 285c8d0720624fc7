#include "boards/orange-pi-pc/console.h"

#include <stdio.h>
#include <string.h>

#include "boards/orange-pi-pc/uart.h"

#define LINE 512

static void keep(struct console *console, char c)
{
    console->bytes[(console->first + console->count++) % CONSOLE_BYTES] = c;
}

/* What a terminal would not only show becomes \xNN. */
static void keep_shown(struct console *console, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c < 0x7f) {
            keep(console, *text);
            continue;
        }
        keep(console, '\\');
        keep(console, 'x');
        keep(console, digits[c >> 4]);
        keep(console, digits[c & 15]);
    }
}

void console_line(void *ctx, const char *line)
{
    struct console *console = ctx;
    if (4 * strlen(line) + 2 > CONSOLE_BYTES - console->count) {
        console->lost++;
        return;
    }
    keep_shown(console, line);
    keep(console, '\r');
    keep(console, '\n');
}

void console_say(struct console *console, enum port_level level, const char *line)
{
    static const char *const prefix[] = {"debug: ", "", "warning: ", "error: "};
    char text[LINE];
    if (level == PORT_DEBUG)
        return;
    snprintf(text, sizeof text, "%s%s", prefix[level], line);
    console_line(console, text);
}

void console_problem(void *ctx, const struct problem *p)
{
    char text[LINE], number[16] = "";
    if (p->line > 0)
        snprintf(number, sizeof number, ":%d", p->line);
    snprintf(text, sizeof text, "%s%s: %s: %s", p->file, number, problem_level_name(p->level), p->text);
    console_line(ctx, text);
}

static void tell_lost(struct console *console)
{
    char text[64];
    snprintf(text, sizeof text, "%u lines of the log were lost: the serial port is slow", console->lost);
    console->lost = 0;
    console_line(console, text);
}

static bool grew(const struct console_usage *told, const struct console_usage *now)
{
    return now->heap > told->heap || now->stack > told->stack || now->work_us > told->work_us ||
           now->overruns > told->overruns;
}

void console_tell_usage(struct console *console, const struct console_usage *usage, size_t loaded)
{
    char text[LINE];
    if (!grew(&console->told, usage))
        return;
    console->told = *usage;
    snprintf(text, sizeof text,
             "usage: %zu bytes of heap, %zu of stack, and %zu for files; the longest work took %llu us; the receive ring "
             "was full %lu times",
             usage->heap, usage->stack, loaded, (unsigned long long)usage->work_us, (unsigned long)usage->overruns);
    console_line(console, text);
}

void console_turn(struct console *console)
{
    while (console->count > 0 && uart_has_room()) {
        uart_put(console->bytes[console->first]);
        console->first = (console->first + 1) % CONSOLE_BYTES;
        console->count--;
    }
    if (console->count == 0 && console->lost > 0)
        tell_lost(console);
}

bool console_pending(const struct console *console)
{
    return console->count > 0;
}
