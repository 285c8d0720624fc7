/* fetch.h - asks a running box for JSON, in the port's loop. */
#ifndef STAGEBOX_APP_CLI_FETCH_H
#define STAGEBOX_APP_CLI_FETCH_H

#include "ports/port.h"

#define FETCH_MAX (4u << 20) /* bytes of an answer; more are refused */
#define FETCH_TIMEOUT_MS 10000

struct fetch;
/* The answer's body, with a NUL behind it, during the call only; or why there is none (body NULL). From here the
 * next fetch_start() may follow. */
typedef void fetch_fn(void *ctx, char *body, size_t len, const char *why);

/* NULL where there is no memory. */
struct fetch *fetch_open(struct port *port, ip4 address, uint16_t number, fetch_fn *fn, void *ctx);
void fetch_close(struct fetch *fetch);
/* Asks for the path; fn follows in a later turn. One request at a time. */
void fetch_start(struct fetch *fetch, const char *path);
/* When fetch_turn() is to be called at the latest. */
uint64_t fetch_deadline(const struct fetch *fetch);
/* Once a turn: gives up what takes too long, and hands over what is done. */
void fetch_turn(struct fetch *fetch, uint64_t now_ms);

#endif
