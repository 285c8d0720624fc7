/* log.c - one line to stderr for each event, for a terminal or for the journal; the lines of a turn go out in one
 * call. */
#include "ports/linux/internal.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

bool log_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM"); /* "device:inode" of the stderr it was set for */
    unsigned long long device, inode;
    struct stat info;
    return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &info) == 0 && (unsigned long long)info.st_dev == device &&
           (unsigned long long)info.st_ino == inode;
}

static size_t put_prefix(const struct port *port, enum port_level level, char *out, size_t cap)
{
    static const char *const journal[] = {"<7>", "<6>", "<4>", "<3>"};
    static const char *const plain[] = {"debug: ", "", "warning: ", "error: "};
    char when[32] = "";
    if (!port->options.time_stamps && !port->log.journal && plain[level][0] == '\0')
        return 0; /* as for most lines */
    if (port->options.time_stamps) {
        time_t now = time(NULL);
        struct tm local;
        localtime_r(&now, &local);
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S%z ", &local);
    }
    return (size_t)snprintf(out, cap, "%s%s%s", port->log.journal ? journal[level] : "", when,
                            port->log.journal ? "" : plain[level]);
}

/* The bytes of the character at `at` that a terminal may be shown: 0 for control characters (C1 too) and
 * for what is no UTF-8. A phone's words may hold anything. */
static size_t harmless(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;
    if (c[0] < 0x80)
        return c[0] >= 0x20 && c[0] != 0x7f ? 1 : 0;
    size_t len = c[0] >= 0xf0 && c[0] < 0xf5   ? 4
                 : c[0] >= 0xe0 && c[0] < 0xf0 ? 3
                 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2
                                               : 0;
    for (size_t i = 1; i < len; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return c[0] == 0xc2 && c[1] < 0xa0 ? 0 : len;
}

static bool is_ascii(char c)
{
    return c >= 0x20 && c < 0x7f;
}

static size_t put_text(const char *line, char *out, size_t cap)
{
    size_t len = 0;
    while (*line != '\0' && len + 5 < cap) {
        if (is_ascii(*line)) {
            out[len++] = *line++;
            continue;
        }
        size_t bytes = harmless(line);
        if (bytes > 0)
            memcpy(out + len, line, bytes);
        else
            snprintf(out + len, cap - len, "\\x%02x", (unsigned)(unsigned char)*line);
        len += bytes > 0 ? bytes : 4;
        line += bytes > 0 ? bytes : 1;
    }
    return len;
}

/* A reader that has stopped reading must not stop the box: lines are lost then, and counted. */
static bool reader_keeps_up(void)
{
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0;
}

static void tell_lost(struct log_state *log)
{
    char told[96];
    int len = snprintf(told, sizeof told, "%s%llu lines of the log were lost: its reader was too slow\n",
                       log->journal ? "<4>" : "warning: ", (unsigned long long)log->lost);
    log->lost = 0;
    if (write(STDERR_FILENO, told, (size_t)len) < 0)
        log->lost++;
}

void log_flush(struct port *port)
{
    struct log_state *log = &port->log;
    if (log->len == 0)
        return;
    if (log->lost > 0 && reader_keeps_up())
        tell_lost(log);
    if (!reader_keeps_up() || write(STDERR_FILENO, log->buffer, log->len) < 0)
        log->lost += log->lines;
    log->len = log->lines = 0;
}

void port_log(struct port *port, enum port_level level, const char *line)
{
    struct log_state *log = &port->log;
    if (level == PORT_DEBUG && !port->options.verbose)
        return;
    if (log->len + LINE_MAX_BYTES > sizeof log->buffer)
        log_flush(port);
    char *text = log->buffer + log->len;
    size_t len = put_prefix(port, level, text, LINE_MAX_BYTES);
    len += put_text(line, text + len, LINE_MAX_BYTES - len - 1);
    text[len++] = '\n';
    log->len += len;
    log->lines++;
    if (!port->running)
        log_flush(port); /* there are no turns yet, or no more */
}

void log_line(struct port *port, enum port_level level, const char *format, ...)
{
    char line[SENTENCE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    port_log(port, level, line);
}
