/* http_crowd.c - more peers than places: one that keeps its place without using it gives way to one that has
 * something to ask, so that slow or malicious peers cannot keep the phones out. */
#include "app/services/http_conn.h"

#define QUIET_MS 500      /* so long a peer may take for its first request */
#define QUIET_TLS_MS 5000 /* a handshake takes an old phone seconds */
#define STALLED_MS 2000   /* so long a response may stand still */

void http_crowd_note(struct http_conn *conn, uint64_t now)
{
    bool waits = http_server_waits(&conn->engine) && !conn->answer.delivery && !conn->handed_out;
    uint64_t moved = http_server_moved(&conn->engine);
    if (waits && !conn->waits)
        conn->quiet_ms = now;
    if (moved != conn->moved || (conn->waits && !waits))
        conn->moved_ms = now;
    conn->waits = waits;
    conn->moved = moved;
}

/* By how much it has outstayed its welcome; 0: not at all. Viewers have a bound of their own. */
static uint64_t excess(const struct http_conn *conn, uint64_t now)
{
    if (!conn->wire.tcp || conn->held || conn->stream)
        return 0;
    uint64_t since = conn->waits ? conn->quiet_ms : conn->moved_ms;
    uint64_t allowed = !conn->waits ? STALLED_MS : conn->moved > 0 ? 0 : conn->wire.tls ? QUIET_TLS_MS : QUIET_MS;
    return now >= since + allowed ? now - since - allowed + 1 : 0;
}

struct http_conn *http_crowd_victim(struct http_conn *pool, size_t count, bool tls, uint64_t now)
{
    struct http_conn *victim = NULL;
    uint64_t worst = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t by = tls && !pool[i].wire.tls ? 0 : excess(&pool[i], now);
        if (by > worst) {
            worst = by;
            victim = &pool[i];
        }
    }
    return victim;
}
