/* firmware.h - is this file a firmware image, whole, and of which family and version?
 *
 * Three things speak: the file's name, the vendor's header in its content, and a [firmware NAME]
 * section. firmware_judge() says which of them counts.
 */
#ifndef STAGEBOX_APP_CONTENT_FIRMWARE_H
#define STAGEBOX_APP_CONTENT_FIRMWARE_H

#include "app/content/digest.h"
#include "app/phones/version.h"
#include "app/staging/family.h"

#define FIRMWARE_SIZE_MAX (64u << 20)      /* bytes of a file */
#define FIRMWARE_UNPACKED_MAX (256u << 20) /* bytes that all sectors of one image may unpack to */
#define FIRMWARE_WORK_SIZE (128u << 10)    /* bytes of memory that verification needs */

enum firmware_header_result {
    FIRMWARE_H_SOUND = 0,
    FIRMWARE_H_NONE = 1,     /* does not begin with the vendor's magic */
    FIRMWARE_H_SHORT = -1,   /* ends within the header or its directory */
    FIRMWARE_H_LAYOUT = -2,  /* header or directory entry length are not 0x80 and 0x40, or no sectors */
    FIRMWARE_H_SIZE = -3,    /* the size in the header is not the file's: cut off, or grown */
    FIRMWARE_H_DIGEST = -4,  /* the header's own MD5 is wrong */
    FIRMWARE_H_VERSION = -5, /* the header's version cannot be read */
    FIRMWARE_H_BOUNDS = -6,  /* a sector lies outside the file, overlaps, or leaves data uncovered */
    FIRMWARE_H_INFLATE = -7, /* a sector does not unpack */
    FIRMWARE_H_SECTOR = -8,  /* a sector's MD5 is wrong */
    FIRMWARE_H_TOOBIG = -9   /* unpacks to more than FIRMWARE_UNPACKED_MAX */
};

struct firmware_header {
    enum firmware_header_result result;
    unsigned sector;        /* which one, from 0, for BOUNDS, INFLATE, SECTOR and TOOBIG */
    unsigned sector_count;  /* as the header says; 0 before it could be read */
    struct version version; /* where it could be read, also from a header that is not sound */
};

/* Memory that verification works in; the caller's, reusable, nothing is kept in it between calls. */
struct firmware_work {
    uint64_t space[FIRMWARE_WORK_SIZE / sizeof(uint64_t)];
};

/* Verifies magic, size, header digest and every sector's digest (of the unpacked data). Hostile
 * input is safe: bounded memory, time linear in what is unpacked. Writes all of *out; returns
 * out->result. */
enum firmware_header_result firmware_header_check(const uint8_t *data, size_t size, struct firmware_work *work,
                                                  struct firmware_header *out);
/* A clause for a sentence: "its header's size is not the file's: cut off or damaged". */
const char *firmware_header_text(enum firmware_header_result result);

/* A [firmware NAME] section as text; NULL and "" both mean "not given". */
struct firmware_claim {
    const char *name;
    const char *family;
    const char *version;
    const uint8_t *sha256; /* DIGEST_SHA256_SIZE bytes; NULL: not given */
    const char *file;      /* where it stands, for problems */
    int line;
};

enum firmware_verdict {
    FIRMWARE_OFFERED = 0,     /* everything that must agree agrees, or the claim's sha256 does */
    FIRMWARE_UNVERIFIED = 1,  /* offered by its name: the family's header is not known, warn */
    FIRMWARE_R_SHA256 = -1,   /* the section has another sha256 */
    FIRMWARE_R_FAMILY = -2,   /* nothing tells the family */
    FIRMWARE_R_LEGACY = -3,   /* of a family that is never upgraded */
    FIRMWARE_R_VERSION = -4,  /* nothing tells the version */
    FIRMWARE_R_HEADER = -5,   /* the vendor's header is missing where it must be, or not sound */
    FIRMWARE_R_DISAGREE = -6, /* name and header tell different versions */
    FIRMWARE_R_CLAIM = -7,    /* the section says something else than name or header, without a sha256 */
    FIRMWARE_R_VALUE = -8     /* the section's own values cannot be read (the caller reports them) */
};

struct firmware_judgement {
    enum firmware_verdict verdict;
    enum family_id family;  /* where refused: the best guess, or FAMILY_UNKNOWN */
    struct version version; /* where refused: the best guess, or unknown */
};

/* Whether a file may be offered, and as what. `header` is that of its content; `sha256` its digest,
 * or NULL where `claim` is NULL or has none; `claim` NULL: no section. Writes all of *out; returns
 * out->verdict: >= 0 offered, < 0 refused. */
enum firmware_verdict firmware_judge(const char *name, const struct firmware_header *header, const uint8_t *sha256,
                                     const struct firmware_claim *claim, struct firmware_judgement *out);

struct settings;
#define FIRMWARE_CLAIMS_MAX 64
/* The [firmware] sections of the settings, whose texts are lent; `file` is the settings file's name
 * for problems. Returns how many of `out` are filled. */
size_t firmware_claims(const struct settings *settings, const char *file,
                       struct firmware_claim out[FIRMWARE_CLAIMS_MAX]);

/* The section for this file name, letter case aside; NULL: none. */
const struct firmware_claim *firmware_claim_of(const struct firmware_claim *claims, size_t count, const char *name);

#define FIRMWARE_SENTENCE_MAX 150
/* Why it was refused, or the warning that it is not verified; "" for FIRMWARE_OFFERED. */
char *firmware_verdict_sentence(const char *name, const struct firmware_header *header,
                                const struct firmware_judgement *judgement, char out[FIRMWARE_SENTENCE_MAX]);

#endif
