/* version.h - firmware versions as these phones write them, their order, and expressions over them.
 *
 * Three numbers, then at most one letter, then at most one suffix: 7.5.2b, 7.5.6(XU), 6.1.5(a),
 * 7.6.1(ES_RC01), 7.5.7(6), 7.5.7s, 7.6.2e-bt. The numbers weigh first, then the letter (none
 * before a before b ...); a suffix, bracketed or "-bt", has no weight.
 */
#ifndef STAGEBOX_APP_PHONES_VERSION_H
#define STAGEBOX_APP_PHONES_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION_SUFFIX_MAX 14 /* "(ES_RC01)" and its NUL; longer suffixes make a version unreadable */
#define VERSION_TEXT_MAX 32   /* the longest version's text and its NUL */

/* All zero means "no version known" (0.0.0 cannot be read in). */
struct version {
    uint16_t number[3];              /* 0..9999 each */
    char letter;                     /* 'a'..'z', or 0 */
    char suffix[VERSION_SUFFIX_MAX]; /* as spelled, with its brackets or hyphen; "" for none */
};

/* Reads the whole of `len` bytes: "7.5.6(XU)". The letter may be upper case. False, and *out
 * untouched, for anything else (two numbers, leading zeros, a dot before the letter, blanks). */
bool version_parse(const char *text, size_t len, struct version *out);
/* Reads the version part of a firmware file's name, without prefix and ".bin": "7-5-2b",
 * "7-5-6-XU" = 7.5.6(XU), "7-6-2e-bt" = 7.6.2e-bt. False, and *out untouched, otherwise. */
bool version_parse_file_part(const char *text, size_t len, struct version *out);
/* Writes "7.5.2b" with its NUL ("" for no version); returns `out`. */
char *version_format(const struct version *version, char out[VERSION_TEXT_MAX]);
/* Writes what stands in a file's name: "7-5-2b", "7-5-6-XU"; returns `out`. */
char *version_format_file_part(const struct version *version, char out[VERSION_TEXT_MAX]);
/* False for the all-zero version. */
bool version_known(const struct version *version);
/* A number that orders versions by weight. */
uint64_t version_weight(const struct version *version);
/* Below 0, 0 or above 0 as `a` is older than, weighs the same as, or is newer than `b`. */
int version_compare(const struct version *a, const struct version *b);
/* The same suffix, letter case aside; both without one counts as the same. */
bool version_same_suffix(const struct version *a, const struct version *b);
/* Carries the suffix (XU): a build with restricted cryptography. */
bool version_is_xu(const struct version *version);

enum version_op { VERSION_ANY, VERSION_EQUAL, VERSION_NEWER, VERSION_AT_LEAST, VERSION_OLDER, VERSION_AT_MOST };

/* "*" (any), "*(XU)" (any with that suffix), ">7.5.2b", ">=", "<", "<=", "=7.5.2b", "7.5.2b".
 * The four orders go by weight alone. An equality without a suffix takes every suffix; one with a
 * suffix only that: 7.5.6 matches 7.5.6(XU), 7.5.6(XU) does not match 7.5.6. */
struct version_expr {
    enum version_op op;
    struct version version; /* for VERSION_ANY only the suffix counts */
};

#define VERSION_EXPR_TEXT_MAX (VERSION_TEXT_MAX + 2)

/* Reads the whole of `len` bytes; blanks are allowed around the operator and at both ends. False,
 * and *out untouched, for anything else. */
bool version_expr_parse(const char *text, size_t len, struct version_expr *out);
bool version_expr_match(const struct version_expr *expr, const struct version *version);
/* Writes the expression in its shortest spelling with its NUL; returns `out`. */
char *version_expr_format(const struct version_expr *expr, char out[VERSION_EXPR_TEXT_MAX]);

#endif
