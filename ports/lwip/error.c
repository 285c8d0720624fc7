/* error.c - sentences, and the log. */
#include "ports/lwip/internal.h"

#include <stdarg.h>
#include <stdio.h>

int fail(struct port *port, enum port_error error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(port->sentence, sizeof port->sentence, format, args);
    va_end(args);
    return (int)error;
}

int of_board(struct port *port, int result)
{
    if (result < 0)
        snprintf(port->sentence, sizeof port->sentence, "%s", port->board->sentence(port->board->ctx));
    return result;
}

int of_files(struct port *port, int result)
{
    if (result < 0)
        snprintf(port->sentence, sizeof port->sentence, "%s", port->board->files->sentence(port->board->files_ctx));
    return result;
}

const char *port_error_sentence(const struct port *port)
{
    return port->sentence;
}

void port_log(struct port *port, enum port_level level, const char *line)
{
    port->board->log(port->board->ctx, level, line);
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
