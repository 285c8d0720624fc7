/* core.h - what the files of app/web share. Private to them; everybody else uses api.h. */
#ifndef STAGEBOX_APP_WEB_CORE_H
#define STAGEBOX_APP_WEB_CORE_H

#include "app/record/batch.h"
#include "app/web/api.h"
#include "app/web/events.h"
#include "app/web/json.h"
#include "app/web/session.h"
#include "config/settings.h"

#define STREAM_PIECE 8192 /* bytes of one phone's JSON, with room */
#define API_BODY_MAX 1024 /* bytes of a request's JSON */
#define API_ERROR_MAX 1500

/* What becomes of a request's body (api_body_end()). */
enum api_body_kind { API_BODY_SESSION, API_BODY_CLOCK, API_BODY_FIRMWARE, API_BODY_INVENTORY };

struct api_stream {
    struct api *api;
    struct api_stream *next_free;
    struct viewer *viewer; /* of /api/v1/events; NULL: something else */
    enum api_body_kind body;
    bool uploads; /* it holds api->upload */
    /* an answer of many pieces: makes the next one, or sets `failed` */
    bool (*next)(struct api_stream *stream);
    size_t at; /* next place in the registry */
    bool begun, ended, comma, failed;
    struct report report;
    struct batch_place place;
    const void *inventory; /* the report's; another one may have taken its place */
    const char *text;      /* the piece that goes out: `piece`, or `large` */
    size_t len, sent;
    char *large; /* of its own, where `piece` was too small; freed with the stream */
    char *piece; /* STREAM_PIECE bytes, freed with the stream */
};

/* A file that is being received; one at a time. */
struct api_upload {
    bool busy;
    char name[PORT_NAME_MAX];
    uint8_t *data; /* as long as was announced */
    size_t size, len;
};

/* Who may ask. */
enum api_access {
    API_ANYONE,   /* the handler may tell an operator more */
    API_NO_PHONE, /* the same, but it goes out in chunks: not for phones, which understand none */
    API_OPERATOR, /* who is logged in */
    API_CHANGE,   /* who is logged in, with the header, and from no other site's page */
    API_LOGIN,    /* logging in and out: the handler sees to it */
};
struct api_route {
    enum http_method method; /* HTTP_GET answers HEAD too */
    const char *path;        /* whole; one `*` stands for any name */
    enum api_access access;
    int argument;
    void (*answer)(struct api *api, const struct api_request *request, struct api_answer *answer);
};
/* Route n, NULL behind the last. */
const struct api_route *api_route(size_t n);

struct api {
    struct api_options o;
    struct api_stream *streams;
    struct api_stream *free;
    bool ready;
    struct sessions sessions;
    char password[SETTINGS_TEXT_MAX]; /* as it was when the sessions began */
    struct api_upload upload;
    /* of the answer that is being made */
    struct http_line lines[3];
    char cookie[160], seconds[16], etag[32], allow[64], error[API_ERROR_MAX];
};

/* -- answers, each for a row of the table (routes.c): who asks may ask. Below, the parts of them (answer.c) */

void api_healthz(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_summary(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_events(struct api *api, const struct api_request *request, struct api_answer *answer);

/* A status without a body, and perhaps one more line. */
void api_bare(struct api_answer *answer, int status, const struct http_line *line);
/* {"error": sentence} */
void api_error(struct api *api, int status, const char *sentence, struct api_answer *answer);
void api_text(struct api_answer *answer, int status, const char *body);
/* A stream for the answer; false, and 503 in it, where there is none. */
bool api_take(struct api *api, struct api_answer *answer);
/* The same, and 200 with this type, not to be stored. */
bool api_stream_answer(struct api *api, const char *type, struct api_answer *answer);
/* One JSON document, which was written into the stream's piece or its large buffer. */
void api_document(struct api_answer *answer, const struct json *json);
/* Gives the stream a large buffer and a writer into it; false, and 503 in the answer, where there is no memory. */
bool api_large(struct api_answer *answer, size_t size, struct json *json);
/* The stream's pieces, one after the other, in chunks. */
void api_pieces(struct api_answer *answer, bool (*next)(struct api_stream *stream));
/* A supported phone's User-Agent: what comes in chunks is not for phones. */
bool api_is_phone(const struct http_request *http);

/* -- who is logged in, and may change something (operator.c) */

bool api_is_operator(struct api *api, const struct http_request *http);
/* False, and 401 in the answer, where nobody is logged in. */
bool api_logged_in(struct api *api, const struct api_request *request, struct api_answer *answer);
/* The request comes from somebody who is logged in, with the header; false, and why in the answer, where not. */
bool api_may_change(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_session(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_log_in(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_log_out(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_session_body(struct api *api, const struct api_request *request, struct http_slice body,
                      struct api_answer *answer);

/* -- what he does (act.c) */

/* `argument`: enum staging_action. */
void api_act(struct api *api, const struct api_request *request, struct api_answer *answer);
/* `argument`: whether to hold the batch, or to let it go on. */
void api_pause(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_reload(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_clock(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_clock_body(struct api *api, struct http_slice body, struct api_answer *answer);

/* -- files that he brings (upload.c) */

void api_firmware(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_inventory(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_upload_bytes(struct api *api, const void *bytes, size_t len);
/* All of it is there. */
void api_firmware_body(struct api *api, struct api_answer *answer);
void api_inventory_body(struct api *api, struct api_answer *answer);
void api_upload_end(struct api *api);

/* -- what there is to read (lists.c, look.c) */

/* The phone with this MAC or serial; NULL: none. */
const struct phone *api_find_phone(const struct api *api, struct http_slice id);
/* The same, also where it had left the table of phones when it was done: then it is there again. */
const struct phone *api_recall_phone(const struct api *api, struct http_slice id);
void api_phones(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_phone(struct api *api, const struct api_request *request, struct api_answer *answer);
/* What was said of this phone. */
void api_timeline(struct api *api, const struct api_request *request, struct api_answer *answer);
/* The report that this phone sent last, for operators. */
void api_phone_report(struct api *api, const struct api_request *request, struct api_answer *answer);
/* `argument`: enum report_format. */
void api_report(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_check(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_metrics(struct api *api, const struct api_request *request, struct api_answer *answer);
void api_plan(struct api *api, const struct api_request *request, struct api_answer *answer);

/* Collects problems as a member "problems" of an object; what does not fit is counted, not written. */
struct problem_list {
    struct json *json;
    size_t left_out;
    char first[PROBLEM_TEXT_MAX]; /* the first error's sentence */
};
/* Fits struct problems' `add`; ctx: a struct problem_list, within an array. */
void api_problem(void *ctx, const struct problem *problem);

/* Dashboards that are being told of events. */
size_t api_viewers(const struct api *api);

#endif
