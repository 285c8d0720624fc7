/* core.h - what the files of app/web share. Private to them; everybody else uses api.h. */
#ifndef STAGEBOX_APP_WEB_CORE_H
#define STAGEBOX_APP_WEB_CORE_H

#include "app/web/api.h"
#include "app/web/events.h"
#include "app/web/session.h"
#include "config/settings.h"

#define STREAM_PIECE 8192 /* bytes of one phone's JSON, with room */
#define API_BODY_MAX 1024 /* bytes of a request's JSON */

struct api_stream {
    struct api *api;
    struct api_stream *next_free;
    size_t at;      /* next place in the registry */
    bool begun, ended, comma;
    struct viewer *viewer; /* of /api/v1/events; NULL: something else */
    size_t len, sent;
    char piece[STREAM_PIECE];
};

struct api {
    struct api_options o;
    struct api_stream *streams;
    struct api_stream *free;
    uint64_t started_ms;
    bool ready;
    struct sessions sessions;
    char password[SETTINGS_TEXT_MAX]; /* as it was when the sessions began */
    /* of the answer that is being made */
    struct http_line lines[2];
    char cookie[160], seconds[16];
};

void api_bare(struct api_answer *answer, int status, const struct http_line *line);
/* A stream for the answer; false, and 503 in it, where there is none. */
bool api_take(struct api *api, struct api_answer *answer);
/* The phone with this MAC or serial; NULL: none. */
const struct phone *api_find_phone(const struct api *api, struct http_slice id);

/* Requests that change something (operator.c). The request comes from somebody who is logged in, with the header;
 * false, and why in the answer, where not. */
bool api_may_change(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_session(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_session_body(struct api *api, const struct api_request *request, struct http_slice body,
                      struct api_answer *answer);
/* `what`: "MAC/ACTION". */
void api_act(struct api *api, const struct api_request *request, struct http_slice what, struct api_answer *answer);
void api_pause(struct api *api, const struct api_request *request, bool pause, struct api_answer *answer);

#endif
