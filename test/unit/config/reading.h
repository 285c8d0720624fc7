/* reading.h - for tests of settings: text in, settings and what was said of it out. */
#ifndef TEST_READING_H
#define TEST_READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"

#define SAID_MAX 8192

struct reading {
    const char *text;
    size_t len;
    size_t at;
    size_t step; /* bytes at most in one call; 0: as many as fit */
    bool fails;  /* the medium fails at the end */
    struct settings settings;
    struct problems problems;
    char said[SAID_MAX]; /* "LINE: error: sentence\n" for each problem */
    bool ok;
};

static inline int reading_bytes(void *ctx, void *buf, size_t cap)
{
    struct reading *r = ctx;
    size_t len = r->len - r->at;
    if (len == 0 && r->fails)
        return -1;
    len = len > cap ? cap : len;
    len = r->step && len > r->step ? r->step : len;
    if (len > 0)
        memcpy(buf, r->text + r->at, len);
    r->at += len;
    return (int)len;
}

static inline void reading_problem(void *ctx, const struct problem *problem)
{
    struct reading *r = ctx;
    size_t used = strlen(r->said);
    assert_string_equal(problem->file, "stagebox.ini");
    snprintf(r->said + used, SAID_MAX - used, "%d: %s: %s\n", problem->line,
             problem_level_name(problem->level), problem->text);
}

/* Reads r->text, of r->len bytes. */
static inline void reading_go(struct reading *r)
{
    r->at = 0;
    r->said[0] = '\0';
    r->problems = (struct problems){reading_problem, r, 0, 0};
    r->ok = settings_read(&r->settings, "stagebox.ini", reading_bytes, r, &r->problems);
    assert_int_equal(r->ok, r->problems.errors == 0);
}

/* Frees with free(). */
static inline struct reading *reading_of(const char *text)
{
    struct reading *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->text = text;
    r->len = strlen(text);
    reading_go(r);
    return r;
}

/* The whole of a file of the source tree, with a NUL behind it. Frees with free(). */
static inline char *reading_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    char *text = calloc(1, 1 << 18);
    assert_non_null(text);
    size_t len = fread(text, 1, (1 << 18) - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_true(len < (1 << 18) - 1);
    return text;
}

#endif
