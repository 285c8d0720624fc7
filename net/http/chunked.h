/* chunked.h - the framing of chunked bodies (RFC 9112 section 7.1), read strictly: CR LF and nothing
 * else ends a line. A private part of server.c. */
#ifndef STAGEBOX_NET_HTTP_CHUNKED_H
#define STAGEBOX_NET_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#define HTTP_CHUNK_EXTENSION_MAX 256 /* bytes of extensions of one chunk */
#define HTTP_TRAILER_MAX 2048        /* bytes of all trailer lines; they are read and forgotten */

struct http_chunked { /* zero at the beginning */
    uint64_t left; /* bytes of the current chunk's data not taken yet; the caller subtracts what it takes */
    uint32_t spent; /* bytes of the extension, or of the trailer */
    uint8_t state;
    uint8_t digits;
};

enum http_chunk {
    HTTP_CHUNK_MORE, /* all bytes used, the framing is not complete */
    HTTP_CHUNK_DATA, /* `left` bytes of data follow */
    HTTP_CHUNK_END,  /* the body is whole */
    HTTP_CHUNK_BAD
};

/* Reads framing from p[0..len), *used bytes of it; reads nothing while left > 0. */
enum http_chunk http_chunked_read(struct http_chunked *c, const uint8_t *p, size_t len, size_t *used);

#endif
