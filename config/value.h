/* value.h - one value of the file, from text to its field and to words. */
#ifndef STAGEBOX_CONFIG_VALUE_H
#define STAGEBOX_CONFIG_VALUE_H

#include "config/schema.h"

/* Reads `text` into the key's field of `item`, a section's struct. False, and the field untouched,
 * where it is nothing that the key takes: value_wanted() says what would be. */
bool value_read(const struct schema_key *key, const char *text, void *item);

#define VALUE_WANTED_MAX 160
/* What the key takes, in words: "yes or no", "a duration from 10s to 30d, such as 1h". */
const char *value_wanted(const struct schema_key *key, char out[VALUE_WANTED_MAX]);

#endif
