/* names.h - what the name that somebody asks for means (contract, section 4). Pure. */
#ifndef STAGEBOX_APP_STAGING_NAMES_H
#define STAGEBOX_APP_STAGING_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "net/addr.h"

enum name_kind { NAME_PROFILE, NAME_SPA_BIN, NAME_NEVER, NAME_OTHER };
/* What follows the last '/' or '\'. */
void name_last_part(const char *path, size_t len, const char **name, size_t *name_len);
/* Which row of the contract's table it is; *mac and *has_mac for profile names with a MAC. */
enum name_kind name_classify(const char *name, size_t len, bool *has_mac, struct mac *mac);

#endif
