/* api.h - the operator's HTTP: which path gives which JSON. Knows nothing of connections. */
#ifndef STAGEBOX_APP_WEB_API_H
#define STAGEBOX_APP_WEB_API_H

#include "app/staging/staging.h"
#include "app/web/metrics.h"
#include "net/http/request.h"
#include "net/http/response.h"

struct api;
struct api_stream; /* an answer that is made while it goes out; from a fixed pool */

struct events;
struct api_options {
    struct port *port;
    struct staging *staging;
    struct events *events; /* NULL: none are told */
    uint32_t viewers; /* how many answers may be under way at once: one more than dashboards (a quarter of the connections) */
    const char *file; /* the settings file, a path on the card */
    /* The operator lets the batch go on, whoever else stopped it; NULL: nothing more than staging_pause(). */
    void (*resume)(void *ctx);
    /* The card is to be read anew, soon: not during the call. */
    void (*reload)(void *ctx);
    /* Fills at most `cap` pools, for /metrics; how many. NULL: none. */
    size_t (*pools)(void *ctx, struct metrics_pool *out, size_t cap);
    void *ctx;
};
/* NULL where there is no memory. */
struct api *api_open(const struct api_options *options);
void api_close(struct api *api);
/* Every listener is up (/healthz says so from now on), or not. */
void api_set_ready(struct api *api, bool ready);

struct api_request {
    const struct http_request *http;
    ip4 peer;
    bool secure; /* over HTTPS */
    /* the router's own */
    struct http_slice part; /* what stands in the place of the star of its path */
    int argument;
};
struct api_answer {
    struct http_response response; /* lines and body point into static memory, the api or the stream: respond at once */
    struct api_stream *stream;     /* to be given back with api_end() when the response is over; or NULL */
    uint64_t body_max; /* above 0: no response yet; so many bytes of the request's body are for api_body() */
};
/* Whether the path is one of the operator's. `/` is, but for phones, which ask there for their profile. */
bool api_owns(const struct http_request *http);
/* Answers a request for such a path. Always fills *answer, if only with an error. */
void api_answer(struct api *api, const struct api_request *request, struct api_answer *answer);
/* Bytes of the body that was asked for; not more than body_max of them in all. */
void api_body(struct api_stream *stream, const void *bytes, size_t len);
/* All of them were given: fills *answer anew, its stream included. */
void api_body_end(struct api *api, const struct api_request *request, struct api_stream *stream,
                  struct api_answer *answer);
/* The answer goes on by itself: its producer is to be asked every EVENTS_POLL_MS. */
bool api_is_live(const struct api_stream *stream);
void api_end(struct api *api, struct api_stream *stream);

#endif
