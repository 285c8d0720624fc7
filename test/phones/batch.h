/* batch.h - which phones there are: from batch files (JSON), or the built-in mix. */
#ifndef PHONES_BATCH_H
#define PHONES_BATCH_H

#include "phone.h"

struct batch {
    struct phone_plan *plans;
    size_t count;
    char target[32];            /* version at which phones end, where a group does not say */
    struct rng rng;             /* secrets and serials */
    char *template_path;        /* "template" of a file; NULL: not said */
    bool no_template;           /* "template": null */
    char final_rule[URL_SIZE];
    char (*firmware)[NAME_SIZE];
    size_t firmware_count;
    bool https_final;
    bool harm_ignored[HARM_COUNT];
    char error[240];
};

void batch_init(struct batch *b, uint64_t seed, const char *target);
void batch_free(struct batch *b);
/* Reads a file and appends its phones. False: b->error. */
bool batch_load(struct batch *b, const char *path);
/* Appends one group, given as JSON. False: b->error. */
bool batch_group(struct batch *b, const char *json);
/* Appends `count` phones of the built-in mix: every model, every version, first contact by TFTP and HTTP, each quirk. */
bool batch_mixed(struct batch *b, size_t count);
/* The files that the built-in mix needs in the box's firmware/, NULL at the end; `target` is one of them. */
const char *const *batch_mixed_firmware(void);
/* Appends one phone with its own MAC, serial and secrets. */
struct phone_plan *batch_add(struct batch *b, const struct model *model, const char *version);
/* The versions that a phone must come through to reach the target, by the rules of phones.md 1.2 and field-notes. */
void batch_path(const struct model *model, const char *version, const char *target, struct version_path *out);

#endif
