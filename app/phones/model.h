/* model.h - the names of phone models in every spelling, and what tells a supported phone before
 * it has said which it is: DHCP vendor class (option 60) and the MAC's vendor prefix (OUI).
 */
#ifndef STAGEBOX_APP_PHONES_MODEL_H
#define STAGEBOX_APP_PHONES_MODEL_H

#include "net/addr.h"

#define MODEL_TEXT_MAX 12 /* "SPA525G2" and its NUL, with room */

enum vendor { VENDOR_UNKNOWN, VENDOR_CISCO, VENDOR_LINKSYS };

/* Reads a model's name, the whole of `len` bytes: "SPA504G", "504g", "spa-942", "SPA525g2"; writes
 * the canonical form, "SPA504G", "SPA942". Says nothing about whether such a model exists or can be
 * upgraded: family_of_model() does. False, and `out` untouched, for what has not this shape. */
bool model_parse(const char *text, size_t len, char out[MODEL_TEXT_MAX]);
/* The model in a default profile's name, "spa504G.cfg" (letter case aside, no path). False for
 * "spa.cfg", names that hold a MAC, and all else. */
bool model_from_profile_name(const char *name, size_t len, char out[MODEL_TEXT_MAX]);

struct vendor_class {
    enum vendor vendor;
    char model[MODEL_TEXT_MAX]; /* canonical; "" where the class names none that can be read */
};
/* Reads DHCP option 60: "LINKSYS SPA-942", "Cisco SPA525g", "Cisco Systems, Inc. IP Phone SPA504G",
 * letter case aside. False, and *out untouched, where it is not the class of such a phone. */
bool vendor_class_parse(const void *option, size_t len, struct vendor_class *out);

#define OUI_EXTRA_MAX 64

/* Prefixes beside the built-in ones, from [phones] oui. All zero is an empty list. */
struct oui_list {
    uint32_t oui[OUI_EXTRA_MAX]; /* 24 bits each */
    size_t count;
};
/* Adds the three bytes of a prefix. False where the list is full. */
bool oui_add(struct oui_list *list, const uint8_t prefix[3]);
/* The MAC begins with a prefix that supported phones were seen with, or with one of `extra` (which
 * may be NULL). */
bool oui_is_phone(struct mac mac, const struct oui_list *extra);

/* One sentence for the phone's row: how this model (canonical; "" or unknown gives general advice)
 * is put back to factory settings by hand. Never NULL. */
const char *model_reset_sentence(const char *model);

#endif
