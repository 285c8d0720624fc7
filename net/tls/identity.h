/* identity.h - which phone a device certificate names. */
#ifndef STAGEBOX_NET_TLS_IDENTITY_H
#define STAGEBOX_NET_TLS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "net/addr.h"

/* The vendor's two forms: "..., MAC: 000E08ABCDEF, Serial: ..." in the common name, or the MAC as
 * state or province. Either may be NULL with length 0. False for generic certificates (sipurageneric,
 * ciscogeneric), for anything that is no MAC, and where the two name different ones. */
bool tls_identity(const char *common_name, size_t cn_len, const char *state, size_t st_len, struct mac *out);

#endif
