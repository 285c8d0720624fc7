/* tls.h - TLS 1.0 to 1.2, the server's side, as a filter between bytes from the wire and bytes for HTTP. No
 * sockets, no clock.
 *
 * One struct tls_pair is a certificate with its key, its session cache and the rules that go with it. One struct
 * tls_server serves one connection with one pair, which the host chooses by the peer's address: old phones send
 * no server name. What takes time with private keys is not done here: tls_server_turn() says TLS_PRIVATE, the host
 * calls tls_server_private() wherever that harms nobody, another thread included, then tls_server_turn(). Of a handshake
 * that is the RSA operation; with the system's mbedTLS also, and once more, what DHE or ECDHE cost (handout.h).
 *
 *     received:  p = tls_server_room(s, &cap); n = read(p, cap); tls_server_took(s, n) or tls_server_eof(s)
 *     always:    switch (tls_server_turn(s)) {
 *                case TLS_PRIVATE: tls_server_private(s) elsewhere; touch s only after it is over
 *                case TLS_OPEN:    tls_server_read(), tls_server_write()
 *                case TLS_FAILED:  tls_server_words(s); send what tls_server_out() still has, then close
 *                case TLS_WAIT:    more bytes are needed
 *                }
 *                while ((p = tls_server_out(s, &n))) tls_server_sent(s, write(p, n))
 *
 * Memory is that of net/tls/memory.h: about 60 KB a connection, given back by tls_server_end().
 */
#ifndef STAGEBOX_NET_TLS_TLS_H
#define STAGEBOX_NET_TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

/* Fills `out` with random bytes; 0, or negative where there are none. Is also called from where
 * tls_server_private() runs. */
typedef int tls_random_fn(void *ctx, unsigned char *out, size_t len);

enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2 };

struct tls_rsa_engine;

/* Bytes of the handshake's message with the chain (RFC 5246 section 7.4.2: seven, and each certificate with three more)
 * that has room on every machine. With a longer one handshakes fail. */
#define TLS_CHAIN_MAX 8192

struct tls_options {
    tls_random_fn *random;
    void *random_ctx;
    const struct tls_rsa_engine *rsa; /* net/tls/rsa.h; NULL: net/tls's own */
    enum tls_version oldest;
    const char *chain, *key; /* PEM or DER, a NUL behind each; read during the call only */
    size_t chain_len, key_len;
    const char *client_ca; /* who signs the clients' own certificates; NULL: none are asked for */
    size_t client_ca_len;
    size_t sessions; /* how many can be resumed later; 0: as many as there may be */
};

struct tls_pair;

/* NULL where the texts make no sense, the key is not RSA of at most 8192 bits, or there is no memory. Held once. */
struct tls_pair *tls_pair_new(const struct tls_options *options);
/* A connection holds its pair until its end: a pair may be let go of while connections go on. */
void tls_pair_hold(struct tls_pair *pair);
void tls_pair_release(struct tls_pair *pair);

enum tls_state { TLS_WAIT, TLS_PRIVATE, TLS_OPEN, TLS_FAILED };

struct tls_server;

/* NULL where there is no memory. */
struct tls_server *tls_server_new(struct tls_pair *pair);
/* Not while a private operation is under way. */
void tls_server_end(struct tls_server *s);

/* Where received bytes go; *cap is 0 while what is there waits for a turn. */
uint8_t *tls_server_room(struct tls_server *s, size_t *cap);
void tls_server_took(struct tls_server *s, size_t len);
/* The peer sends no more. */
void tls_server_eof(struct tls_server *s);
/* Goes on as far as it can. TLS_FAILED stays. */
enum tls_state tls_server_turn(struct tls_server *s);
/* What TLS_PRIVATE asked for: true where there is more to do and it has to be called again. With an engine
 * for RSA it is done with one call, which touches only what belongs to the connection: several may go on at a time. Without, a call
 * takes as long as TLS_PRIVATE_PIECE says, nothing else of net/tls may be called meanwhile, and no operation may begin
 * before the last one with the same pair is over. */
bool tls_server_private(struct tls_server *s);

/* Decrypted bytes: the count; 0: none now; -1: none will come any more. Only when TLS_OPEN. */
int tls_server_read(struct tls_server *s, void *buf, size_t cap);
/* Takes up to `len` bytes: the count, 0 while what went before has not left. Only when TLS_OPEN. */
int tls_server_write(struct tls_server *s, const void *data, size_t len);
/* Says that nothing more will come (close_notify). */
void tls_server_close(struct tls_server *s);
/* Bytes for the wire; NULL where there are none. */
const uint8_t *tls_server_out(const struct tls_server *s, size_t *len);
void tls_server_sent(struct tls_server *s, size_t len);

/* Whether the peer has sent anything yet, and whether it has seen our certificate: what a failure means. */
bool tls_server_heard(const struct tls_server *s);
/* Why it failed, in words: "refused our certificate: unknown CA". "" unless TLS_FAILED, and where the peer said nothing
 * at all. */
const char *tls_server_words(const struct tls_server *s);
/* "TLSv1.0" and the cipher's name; "" until TLS_OPEN. */
const char *tls_server_version(const struct tls_server *s);
const char *tls_server_cipher(const struct tls_server *s);

/* The client's certificate, when TLS_OPEN. */
struct tls_client {
    bool shown;
    bool believed; /* its chain leads to client_ca; dates and uses do not count */
    bool has_mac;  /* it names a phone, in one of the vendor's forms */
    struct mac mac;
};
void tls_server_client(const struct tls_server *s, struct tls_client *out);

#endif
