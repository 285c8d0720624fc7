#include "app/web/session.h"

#include <string.h>

#define OTHERS SESSION_GUESSERS_MAX

void sessions_init(struct sessions *s)
{
    memset(s, 0, sizeof *s);
}

/* -- guessing --------------------------------------------------------------------------------------------- */

/* The oldest of the last SESSION_TRIES wrong tries counts: before it is a minute old there is no other. */
static bool is_fresh(const struct guesser *g, uint64_t now)
{
    return g->count > 0 && now - g->wrong_ms[(g->at + SESSION_TRIES - 1) % SESSION_TRIES] < SESSION_WINDOW_MS;
}

/* The address's place, or where a forgotten one can be overwritten, or everybody else's. */
static size_t place_of(const struct sessions *s, ip4 address, uint64_t now)
{
    size_t stale = OTHERS;
    for (size_t i = 0; i < OTHERS; i++) {
        const struct guesser *g = &s->guessers[i];
        if (g->address == address && g->count > 0)
            return i;
        if (stale == OTHERS && !is_fresh(g, now))
            stale = i;
    }
    return stale;
}

unsigned sessions_wait_s(const struct sessions *s, ip4 address, uint64_t now)
{
    size_t place = place_of(s, address, now);
    const struct guesser *g = &s->guessers[place];
    if ((place != OTHERS && g->address != address) || g->count < SESSION_TRIES)
        return 0;
    uint64_t over = g->wrong_ms[g->at] + SESSION_WINDOW_MS;
    return over > now ? (unsigned)((over - now + 999) / 1000) : 0;
}

void sessions_wrong(struct sessions *s, ip4 address, uint64_t now)
{
    size_t place = place_of(s, address, now);
    struct guesser *g = &s->guessers[place];
    if (place != OTHERS && g->address != address)
        memset(g, 0, sizeof *g);
    g->address = address;
    g->wrong_ms[g->at] = now;
    g->at = (g->at + 1) % SESSION_TRIES;
    if (g->count < SESSION_TRIES)
        g->count++;
}

/* -- sessions ------------------------------------------------------------------------------------------------ */

static bool stands(const struct session *session, uint64_t now)
{
    return session->used && now - session->used_ms < SESSION_IDLE_MS;
}

void sessions_add(struct sessions *s, const uint8_t token[SESSION_TOKEN], uint64_t now, char out[SESSION_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    struct session *place = &s->list[0];
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &s->list[i];
        if (!stands(session, now)) {
            place = session;
            break;
        }
        if (session->used_ms < place->used_ms)
            place = session;
    }
    place->used = true;
    place->used_ms = now;
    memcpy(place->token, token, SESSION_TOKEN);
    for (size_t i = 0; i < SESSION_TOKEN; i++) {
        out[2 * i] = digits[token[i] >> 4];
        out[2 * i + 1] = digits[token[i] & 15];
    }
    out[SESSION_TEXT_MAX - 1] = '\0';
}

static bool read_token(struct http_slice header, uint8_t token[SESSION_TOKEN])
{
    struct http_slice value = http_cookie(header, SESSION_COOKIE);
    if (value.len != SESSION_TEXT_MAX - 1)
        return false;
    for (size_t i = 0; i < SESSION_TOKEN; i++) {
        int high = http_hex(value.p[2 * i]), low = http_hex(value.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        token[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Every byte of every token is compared, so that the time tells nothing. */
static struct session *find(struct sessions *s, struct http_slice header)
{
    uint8_t token[SESSION_TOKEN];
    struct session *found = NULL;
    if (!read_token(header, token))
        return NULL;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        unsigned difference = !s->list[i].used;
        for (size_t at = 0; at < SESSION_TOKEN; at++)
            difference |= (unsigned)(token[at] ^ s->list[i].token[at]);
        if (difference == 0)
            found = &s->list[i];
    }
    return found;
}

bool sessions_has(struct sessions *s, struct http_slice header, uint64_t now)
{
    struct session *session = find(s, header);
    if (!session || !stands(session, now))
        return false;
    session->used_ms = now;
    return true;
}

bool sessions_end(struct sessions *s, struct http_slice header)
{
    struct session *session = find(s, header);
    if (session)
        memset(session, 0, sizeof *session);
    return session != NULL;
}

void sessions_end_all(struct sessions *s)
{
    memset(s->list, 0, sizeof s->list);
}

size_t sessions_count(const struct sessions *s, uint64_t now)
{
    size_t count = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        count += stands(&s->list[i], now);
    return count;
}
