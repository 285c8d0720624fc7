/* api.h - the operator's HTTP: which path gives which JSON. Knows nothing of connections. */
#ifndef STAGEBOX_APP_WEB_API_H
#define STAGEBOX_APP_WEB_API_H

#include "app/staging/staging.h"
#include "net/http/request.h"
#include "net/http/response.h"

struct api;
struct api_stream; /* an answer that is made while it goes out; from a fixed pool */

/* `viewers`: how many answers may be under way at once (a quarter of the connections). NULL where
 * there is no memory. */
struct api *api_open(struct port *port, struct staging *staging, uint32_t viewers);
void api_close(struct api *api);
/* Every listener is up (/healthz says so from now on), or not. */
void api_set_ready(struct api *api, bool ready);

struct api_answer {
    struct http_response response; /* lines and body point into static memory or the stream */
    struct api_stream *stream;     /* to be given back with api_end() when the response is over; or NULL */
};
/* Whether the path is one of the operator's. */
bool api_owns(struct http_slice path);
/* Answers a request for such a path. Always fills *answer, if only with an error. */
void api_answer(struct api *api, const struct http_request *request, struct api_answer *answer);
void api_end(struct api *api, struct api_stream *stream);

#endif
