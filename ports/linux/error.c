/* error.c - error numbers and sentences. */
#include "ports/linux/internal.h"

#include <errno.h>
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

const char *port_error_sentence(const struct port *port)
{
    return port->sentence;
}

enum port_error error_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
        return PORT_E_NOENT;
    case EACCES:
    case EPERM:
    case EXDEV:
    case ELOOP:
    case EROFS:
        return PORT_E_ACCESS;
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
        return PORT_E_FULL;
    case EADDRINUSE:
    case EBUSY:
        return PORT_E_BUSY;
    case EIO:
        return PORT_E_IO;
    default:
        return PORT_E_SYSTEM;
    }
}
