/* netascii.h - the text form of RFC 764 that TFTP's netascii mode sends: LF goes out as CR LF, CR
 * as CR NUL. A private part of transfer.c. */
#ifndef STAGEBOX_NET_TFTP_NETASCII_H
#define STAGEBOX_NET_TFTP_NETASCII_H

#include <stddef.h>
#include <stdint.h>

/* Fills out[0..cap) from data[*pos..size), moves *pos on and returns the bytes written: less than
 * cap only at the end of the data. *carry is the second byte of a pair that `cap` cut in two, -1
 * for none and at the beginning. */
size_t netascii_fill(const uint8_t *data, uint64_t size, uint64_t *pos, int8_t *carry, uint8_t *out, size_t cap);

#endif
