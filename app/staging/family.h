/* family.h - the table of families: which models take which firmware files. Data, and the only
 * place where it stands (the built-in rules of the ladder are in rules.h). */
#ifndef STAGEBOX_APP_STAGING_FAMILY_H
#define STAGEBOX_APP_STAGING_FAMILY_H

#include <stdbool.h>
#include <stddef.h>

enum family_id {
    FAMILY_UNKNOWN,
    FAMILY_SPA50X_30X, /* 301 303 501G 502G 504G 508G 509G */
    FAMILY_SPA51X,     /* 512G 514G */
    FAMILY_SPA525G,    /* 525G 525G2 */
    FAMILY_SPA9XX,     /* known, and refused: these phones take no 7.x firmware */
    FAMILY_COUNT
};

struct family {
    const char *name;     /* "spa50x-30x": also the prefix of its files' names; "" for FAMILY_UNKNOWN */
    bool upgradable;      /* images of it may be offered */
    bool header_required; /* its images carry the vendor's header, and are refused without it */
};

/* Never NULL; FAMILY_UNKNOWN's row for an id out of range. */
const struct family *family_get(enum family_id id);
/* The family of this name, letter case aside; FAMILY_UNKNOWN where there is none. */
enum family_id family_by_name(const char *name, size_t len);
/* The family of a canonical model name (model_parse()): FAMILY_SPA9XX for the legacy line,
 * FAMILY_UNKNOWN for a model that is not in the table or whose file is not known. */
enum family_id family_of_model(const char *model);
/* Why such a model is never upgraded, as a sentence without the model's name and without a full
 * stop ("takes no 7.x firmware: ..."); NULL where it can be. */
const char *family_refusal(const char *model);
/* The i-th model that can be upgraded, canonical; NULL behind the last. */
const char *family_model(size_t i);
/* The family that a firmware file's name begins with, letter case aside: "spa50x-30x-7-5-2b.bin".
 * *version_at and *version_len give the version part between prefix and ".bin" (unparsed). Legacy
 * names ("spa942-6-1-5a.bin") give FAMILY_SPA9XX, older spellings whose family is not certain
 * ("spa5x5-7-4-4.bin") FAMILY_UNKNOWN with a version part; all else FAMILY_UNKNOWN with *version_len 0. */
enum family_id family_of_file(const char *name, size_t len, size_t *version_at, size_t *version_len);
/* A guess at the family of an older spelling, for the lines that `check` proposes; else FAMILY_UNKNOWN. */
enum family_id family_guess_of_file(const char *name, size_t len);

#endif
