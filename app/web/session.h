/* session.h - who is logged in, and who guesses passwords. Fixed pools, no clock of its own. */
#ifndef STAGEBOX_APP_WEB_SESSION_H
#define STAGEBOX_APP_WEB_SESSION_H

#include "net/addr.h"
#include "net/http/text.h"

#define SESSION_TOKEN 16               /* random bytes */
#define SESSION_TEXT_MAX (2 * SESSION_TOKEN + 1)
#define SESSIONS_MAX 16                /* one more takes the place of the one that was used longest ago */
#define SESSION_IDLE_MS UINT64_C(43200000) /* 12 h without a request end it */
#define SESSION_TRIES 5                /* wrong passwords from one address... */
#define SESSION_WINDOW_MS 60000        /* ...in so long */
#define SESSION_GUESSERS_MAX 256       /* addresses that are remembered; further guessers are one */

struct session {
    bool used;
    uint8_t token[SESSION_TOKEN];
    uint64_t used_ms;
};
struct guesser {
    ip4 address; /* 0: free; the last place is everybody else's */
    uint64_t wrong_ms[SESSION_TRIES]; /* of the last wrong tries, in turn */
    unsigned at, count;
};
struct sessions {
    struct session list[SESSIONS_MAX];
    struct guesser guessers[SESSION_GUESSERS_MAX + 1];
};

/* Nobody is logged in, nobody has guessed. */
void sessions_init(struct sessions *s);
/* Seconds that this address has to wait before its next try; 0: it may try now. */
unsigned sessions_wait_s(const struct sessions *s, ip4 address, uint64_t now_ms);
/* A wrong password came from there. */
void sessions_wrong(struct sessions *s, ip4 address, uint64_t now_ms);
/* A new session with these random bytes; writes the cookie's value. */
void sessions_add(struct sessions *s, const uint8_t token[SESSION_TOKEN], uint64_t now_ms,
                  char out[SESSION_TEXT_MAX]);
/* Whether the Cookie header names a session that stands; it counts as used then. */
bool sessions_has(struct sessions *s, struct http_slice cookie_header, uint64_t now_ms);
/* Ends the session that the header names. False: there is none. */
bool sessions_end(struct sessions *s, struct http_slice cookie_header);
/* Ends all of them. */
void sessions_end_all(struct sessions *s);
size_t sessions_count(const struct sessions *s, uint64_t now_ms);

#define SESSION_COOKIE "stagebox"

#endif
