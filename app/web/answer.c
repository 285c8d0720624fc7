/* answer.c - the shapes that answers have. */
#include "app/web/core.h"

#include <stdlib.h>
#include <string.h>

#include "app/phones/useragent.h"

static const struct http_line no_store = {"Cache-Control", "no-store"};
static const struct http_line retry_after = {"Retry-After", "5"};
static const char json_type[] = "application/json";

void api_bare(struct api_answer *answer, int status, const struct http_line *line)
{
    answer->response.status = status;
    answer->response.lines = line;
    answer->response.line_count = line ? 1 : 0;
}

static void copied(struct api_answer *answer, int status, const char *type, const char *body, size_t len)
{
    answer->response = (struct http_response){
        .status = status,
        .content_type = type,
        .lines = &no_store,
        .line_count = 1,
        .body = HTTP_BODY_COPY,
        .memory = body,
        .length = len,
    };
}

void api_text(struct api_answer *answer, int status, const char *body)
{
    copied(answer, status, "text/plain", body, strlen(body));
}

void api_error(struct api *api, int status, const char *sentence, struct api_answer *answer)
{
    struct json json;
    size_t len = strlen(sentence);
    do { /* what is too long in escapes is cut */
        json_init(&json, api->error, sizeof api->error);
        json_object(&json);
        json_key(&json, "error");
        json_text_len(&json, sentence, len);
        json_object_end(&json);
        len /= 2;
    } while (!json_done(&json) && len > 0);
    copied(answer, status, json_type, api->error, json.len);
}

static struct api_stream *take_stream(struct api *api)
{
    struct api_stream *s = api->free;
    if (!s || !(s->piece = malloc(STREAM_PIECE)))
        return NULL;
    api->free = s->next_free;
    s->at = s->len = s->sent = 0;
    s->begun = s->ended = s->comma = s->failed = s->uploads = false;
    s->place = (struct batch_place){.begun = false};
    s->text = s->piece;
    return s;
}

bool api_take(struct api *api, struct api_answer *answer)
{
    answer->stream = take_stream(api);
    if (!answer->stream)
        api_bare(answer, 503, &retry_after);
    return answer->stream != NULL;
}

bool api_stream_answer(struct api *api, const char *type, struct api_answer *answer)
{
    if (!api_take(api, answer))
        return false;
    answer->response.status = 200;
    answer->response.content_type = type;
    answer->response.lines = &no_store;
    answer->response.line_count = 1;
    return true;
}

void api_document(struct api_answer *answer, const struct json *json)
{
    answer->response.content_type = json_type;
    answer->response.body = HTTP_BODY_MEMORY;
    answer->response.memory = json->buf;
    answer->response.length = json->len;
}

bool api_large(struct api_answer *answer, size_t size, struct json *json)
{
    free(answer->stream->large);
    answer->stream->large = malloc(size);
    json_init(json, answer->stream->large, size);
    if (answer->stream->large)
        return true;
    answer->response = (struct http_response){0};
    api_bare(answer, 503, &retry_after);
    return false;
}

static int produce(void *ctx, uint8_t *buf, size_t cap)
{
    struct api_stream *s = ctx;
    size_t n = 0;
    while (n < cap) {
        if (s->sent == s->len && !s->next(s))
            return n > 0 ? (int)n : s->failed ? HTTP_PRODUCE_FAIL : HTTP_PRODUCE_END;
        size_t part = s->len - s->sent < cap - n ? s->len - s->sent : cap - n;
        memcpy(buf + n, s->text + s->sent, part);
        s->sent += part;
        n += part;
    }
    return (int)n;
}

bool api_is_phone(const struct http_request *http)
{
    struct http_slice agent = http_request_field(http, HTTP_FIELD_USER_AGENT);
    struct useragent parsed;
    return agent.p && useragent_parse(agent.p, agent.len, &parsed);
}

void api_pieces(struct api_answer *answer, bool (*next)(struct api_stream *stream))
{
    answer->stream->next = next;
    answer->response.body = HTTP_BODY_PRODUCER;
    answer->response.produce = produce;
    answer->response.produce_ctx = answer->stream;
}
