/* problem.h - how everything that reads something of the user's says what is wrong with it. */
#ifndef STAGEBOX_CONFIG_PROBLEM_H
#define STAGEBOX_CONFIG_PROBLEM_H

#include <stdbool.h>

/* A note says what is worth knowing where nothing is wrong. */
enum problem_level { PROBLEM_WARNING, PROBLEM_ERROR, PROBLEM_NOTE };

#define PROBLEM_TEXT_MAX 400 /* bytes of one sentence, NUL included; longer ones are cut */

struct problem {
    enum problem_level level;
    const char *file; /* as the user knows it: "stagebox.ini", "phones.csv", "firmware/x.bin" */
    int line;         /* from 1; 0 where the whole file is meant */
    const char *text; /* one sentence: the bad value, what would be right. Never a secret. */
};

/* Where problems go; the strings are valid during the call only. */
struct problems {
    void (*add)(void *ctx, const struct problem *problem);
    void *ctx;
    int errors;   /* counted by problem_add() */
    int warnings;
};

/* Formats like printf and hands the sentence on. */
void problem_error(struct problems *to, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void problem_warning(struct problems *to, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

void problem_note(struct problems *to, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "error", "warning", "note". */
const char *problem_level_name(enum problem_level level);

#endif
