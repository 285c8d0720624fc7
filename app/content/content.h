/* content.h - all that the card says besides the settings: firmware, rules, templates, inventory, certificates.
 *
 * Read by `run` and `check` alike. A part that is broken leaves what was there before in force.
 */
#ifndef STAGEBOX_APP_CONTENT_CONTENT_H
#define STAGEBOX_APP_CONTENT_CONTENT_H

#include "app/content/certs.h"
#include "app/content/depot.h"
#include "app/content/inventory.h"
#include "app/content/template.h"
#include "app/staging/ladder.h"
#include "config/settings.h"

#define CONTENT_TEMPLATES_MAX 32              /* models a %model% pattern can have templates for */
#define CONTENT_TEMPLATE_SIZE_MAX (128u << 10) /* bytes of a template */
#define CONTENT_INVENTORY_SIZE_MAX (4u << 20)  /* bytes of phones.csv */

struct content_template {
    char model[MODEL_TEXT_MAX]; /* "": for every model */
    char path[SETTINGS_TEXT_MAX + MODEL_TEXT_MAX];
    char *text;
    struct template template;
};

struct content {
    struct port *port;
    uint64_t seed[2];
    struct depot *depot;
    struct rules rules;
    struct ladder ladder; /* its images are the depot's */
    struct inventory inventory;
    void *inventory_block;
    char inventory_path[SETTINGS_TEXT_MAX];
    struct certs certs;
    bool has_template; /* [profile] template is set and there */
    struct content_template templates[CONTENT_TEMPLATES_MAX];
    size_t template_count;
    int image_errors; /* of the last reading: bad images are left out and stop nothing */
    bool inventory_faulty, certs_faulty; /* of the last reading: told; what follows from it needs no telling */
};

/* Nothing read yet. False where there is no memory. */
bool content_open(struct content *c, struct port *port, const uint64_t seed[2]);
void content_close(struct content *c);
/* Before the first reading: images that `from` has verified are not verified again (depot_borrow()), and its
 * targets do not sink here either. */
void content_borrow(struct content *c, const struct content *from);
/* Reads all of it by the settings; `file` is their file's name, for problems. Claims on inventory
 * rows are void afterwards: inventory_reclaim() again. False where there was an error, bad images
 * aside: see image_errors. */
bool content_read(struct content *c, const struct settings *settings, const char *file, struct problems *problems);
/* The template for this model; NULL where none is set, or none for this model (see has_template). */
const struct template *content_template(const struct content *c, const char *model);

#endif
