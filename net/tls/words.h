/* words.h - why a handshake failed, for the phone's row. Private to net/tls/. */
#ifndef STAGEBOX_NET_TLS_WORDS_H
#define STAGEBOX_NET_TLS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/tls/hello.h"

#define TLS_WORDS_MAX 96

struct tls_failure {
    int error;              /* of mbedTLS; 0: the end of the stream */
    int alert;              /* of the peer (RFC 5246 section 7.2); -1: none */
    bool after_certificate; /* it has been sent ours */
    size_t heard;           /* bytes of the peer */
    struct tls_hello hello; /* ...and what they offer */
};

/* A clause about the peer, in `out` or static; "" where it never said a word. */
const char *tls_words(const struct tls_failure *failure, char out[TLS_WORDS_MAX]);

#endif
