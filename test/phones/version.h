/* version.h - firmware versions: numbers, then a letter; brackets and `-bt` have no weight (phones.md 1.3). */
#ifndef PHONES_VERSION_H
#define PHONES_VERSION_H

#include <stdbool.h>
#include <stddef.h>

struct version {
    unsigned number[4];
    char letter; /* 0: none */
    bool xu;     /* restricted cryptography: (XU) */
};

/* Takes `7.5.2b`, `7.5.6(XU)`, `7.6.1(ES_RC01)`, `6.1.5(a)`, `7.6.2e-bt`. */
bool version_parse(const char *text, struct version *out);
/* <0, 0, >0. */
int version_compare(const struct version *a, const struct version *b);
/* The same on texts; an unreadable one is older than everything. */
int version_compare_text(const char *a, const char *b);
bool version_is_xu(const char *text);

/* Reads the family and version out of a firmware file's name, whatever token stands before it:
 * `0123abcd1-spa50x-30x-7-5-6-XU.bin` gives `spa50x-30x` and `7.5.6(XU)`. */
bool version_from_file(const char *name, char *family, size_t family_size, char *version, size_t version_size);

#endif
