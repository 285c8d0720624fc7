#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>

static void add(struct problems *to, enum problem_level level, const char *file, int line, const char *format,
                va_list args) __attribute__((format(printf, 5, 0)));

static void add(struct problems *to, enum problem_level level, const char *file, int line, const char *format,
                va_list args)
{
    char text[PROBLEM_TEXT_MAX];
    vsnprintf(text, sizeof text, format, args);
    if (level == PROBLEM_ERROR)
        to->errors++;
    else if (level == PROBLEM_WARNING)
        to->warnings++;
    if (to->add)
        to->add(to->ctx, &(struct problem){level, file, line, text});
}

void problem_error(struct problems *to, const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(to, PROBLEM_ERROR, file, line, format, args);
    va_end(args);
}

void problem_warning(struct problems *to, const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(to, PROBLEM_WARNING, file, line, format, args);
    va_end(args);
}

void problem_note(struct problems *to, const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(to, PROBLEM_NOTE, file, line, format, args);
    va_end(args);
}

const char *problem_level_name(enum problem_level level)
{
    static const char *const name[] = {"warning", "error", "note"};
    return name[level];
}
