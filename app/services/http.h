/* http.h - the HTTP listener: joins the engine in net/http to the port and to staging.
 *
 * What a path means: the operator's paths (app/web) as whole paths first, then /report/..., then
 * whatever staging says for the asking phone.
 */
#ifndef STAGEBOX_APP_SERVICES_HTTP_H
#define STAGEBOX_APP_SERVICES_HTTP_H

#include "app/services/https.h"
#include "app/staging/staging.h"
#include "app/timers.h"
#include "app/web/api.h"

#define HTTP_REPORT_MAX STAGING_REPORT_MAX /* bytes of a phone's own report; longer ones are answered 413 */

struct http_service;

struct http_service_options {
    struct port *port;
    struct staging *staging;
    struct api *api; /* NULL: no operator's paths */
    struct timers *timers;
    uint16_t number;          /* the TCP port; 0: no plain HTTP */
    uint32_t connections;     /* the pool, for both */
    struct https_pool *https; /* NULL: no HTTPS */
    uint16_t https_number;
};

/* Makes the pool and listens. NULL where that fails: port_error_sentence() says why. */
struct http_service *http_service_open(const struct http_service_options *options);
/* Sends what was answered since the last call. To be called once a turn, after what happened in the turn was committed to
 * the journal: nobody is told of what is not in there. True where there are answers again: the next turn is due at once. */
bool http_service_send(struct http_service *service);
/* Behind the phones' answers of a turn: a slice of what an operator reads. True where more waits, so that a turn is due at
 * once. */
bool http_service_slice(struct http_service *service);
/* Connections that are open now. */
size_t http_service_load(const struct http_service *service);
/* Stops listening, cuts what is open, gives everything back. */
void http_service_close(struct http_service *service);

#endif
