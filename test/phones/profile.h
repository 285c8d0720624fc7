/* profile.h - reads a flat-profile as a phone does (phones.md 4.1), and notes what a careful server would not send. */
#ifndef PHONES_PROFILE_H
#define PHONES_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile_item {
    char *name;
    char *value; /* entities resolved, blanks cut */
};

struct profile {
    struct profile_item *items;
    size_t count;
    bool empty;      /* no element at all */
    bool comment;    /* has a comment, or text between the elements */
    bool non_ascii;
    bool duplicate;  /* a name twice; the last counts */
    char error[100]; /* where it is none */
};

/* Reads it, gzip unpacked. False: `error` says why, and a phone would take nothing of it. */
bool profile_parse(const uint8_t *data, size_t len, struct profile *out);
void profile_free(struct profile *p);
/* The last value of that name, NULL if it is not in it. */
const char *profile_get(const struct profile *p, const char *name);

#endif
