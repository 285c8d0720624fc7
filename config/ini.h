/* ini.h - an INI file as sections, keys and values, each with its line number.
 *
 * inih takes the lines apart; what it lacks (line numbers, every error and not only the first,
 * refusal of over-long lines instead of cutting them) is added by the reader it is given.
 */
#ifndef STAGEBOX_CONFIG_INI_H
#define STAGEBOX_CONFIG_INI_H

#include "config/settings.h"

struct ini_events {
    void *ctx;
    /* [section], what stands between the brackets, blanks at its ends cut. Returns true where its
     * keys may hold colons (MAC addresses), so that only '=' ends a key there; the colons are
     * left out of the key. */
    bool (*section)(void *ctx, int line, const char *section);
    /* key = value; a value may be "". Valid during the call. */
    void (*value)(void *ctx, int line, const char *key, const char *value);
    /* A line that is nothing of the kind, as a sentence that quotes nothing of it. */
    void (*wrong)(void *ctx, int line, const char *sentence);
};

/* Reads the whole file. */
void ini_read(settings_reader *read, void *ctx, const struct ini_events *events);

#endif
