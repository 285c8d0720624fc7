/* name.h - domain names on the wire and as text; for the parts of net/dns. */
#ifndef STAGEBOX_NET_DNS_NAME_H
#define STAGEBOX_NET_DNS_NAME_H

#include "net/dns/server.h"

/* ASCII lower case; DNS compares names so (RFC 4343). */
char dns_lower(char c);

/* Reads an uncompressed name that starts at `at`: its length on the wire, 1 to 255; 0 where it
 * runs past `len`, is too long, or has a label of another kind (compression, RFC 1035 4.1.4, has
 * nothing to point at in a question). `text` becomes the name as in struct dns_asked; `lower` the
 * same in lower case, "" where a byte had to be escaped: such a name is none of ours. */
size_t dns_name_read(const uint8_t *packet, size_t len, size_t at, char text[DNS_ASKED_MAX],
                     char lower[DNS_NAME_MAX]);
/* The length of a name that may end in a pointer, without following it; 0 as above. */
size_t dns_name_skip(const uint8_t *packet, size_t len, size_t at);
/* Writes a name of dns_server_add() without a star; returns its length on the wire, strlen + 2. */
size_t dns_name_write(uint8_t *out, const char *name);

/* Whether the server has the lower-case name, itself or by a star. */
bool dns_names_have(const struct dns_server *server, const char *name);

#endif
