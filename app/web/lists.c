/* lists.c - what is told phone by phone: /api/v1/phones, and the report. */
#include "app/web/core.h"

#include <stdlib.h>
#include <string.h>

#include "app/phones/registry.h"
#include "app/web/phone_json.h"

/* A piece that stands in static memory. */
static bool constant(struct api_stream *s, const char *text)
{
    s->text = text;
    s->len = strlen(text);
    return true;
}

static bool next_phone(struct api_stream *s)
{
    struct json json;
    s->sent = s->len = 0;
    if (!s->begun) {
        s->begun = true;
        return constant(s, "{\"phones\":[");
    }
    if (s->ended)
        return false;
    const struct phone *phone = registry_next(staging_registry(s->api->o.staging), &s->at);
    if (!phone) {
        s->ended = true;
        return constant(s, "]}");
    }
    s->text = s->piece;
    s->piece[0] = ',';
    json_init(&json, s->piece + 1, STREAM_PIECE - 1);
    phone_json(&json, s->api->o.staging, phone);
    s->sent = s->comma ? 0 : 1;
    s->comma = true;
    s->len = json.len + 1;
    return true;
}

void api_phones(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    (void)request;
    if (api_stream_answer(api, "application/json", answer))
        api_pieces(answer, next_phone);
}

/* -- the report ------------------------------------------------------------------------------------------- */

/* Writes the head, a phone's row, or (phone NULL) the tail. */
static void write_part(struct api_stream *s, const struct phone *phone, struct out *out)
{
    if (!s->begun)
        report_head(&s->report, out);
    else if (phone)
        batch_row(s->api->o.staging, &s->report, &s->place, phone, out);
    else
        report_tail(&s->report, out);
}

/* The part into the stream's piece; where it is longer, into memory of its own. */
static bool fill(struct api_stream *s, const struct phone *phone)
{
    struct out out;
    out_window(&out, s->piece, STREAM_PIECE, 0);
    write_part(s, phone, &out);
    s->text = s->piece;
    s->len = out_filled(&out);
    if (out_whole(&out))
        return true;
    free(s->large);
    s->large = malloc((size_t)out.total);
    if (!s->large)
        return false;
    out_window(&out, s->large, (size_t)out.total, 0);
    write_part(s, phone, &out);
    s->text = s->large;
    s->len = out_filled(&out);
    return true;
}

static bool next_part(struct api_stream *s)
{
    const struct staging *staging = s->api->o.staging;
    s->sent = s->len = 0;
    if (s->ended)
        return false;
    const struct phone *phone = s->begun ? batch_after(staging, &s->place) : NULL;
    s->failed = staging_content(staging)->inventory_block != s->inventory || !fill(s, phone);
    if (s->failed)
        return false;
    if (phone)
        batch_pass(&s->place, phone);
    s->ended = s->begun && !phone;
    s->begun = true;
    return true;
}

void api_report(struct api *api, const struct api_request *request, struct api_answer *answer)
{
    enum report_format format = (enum report_format)request->argument;
    int64_t wall;
    if (!port_wall_ms(api->o.port, &wall))
        wall = 0;
    if (!api_stream_answer(api, report_content_type(format), answer))
        return;
    struct api_stream *s = answer->stream;
    batch_report_of(api->o.staging, format, api_is_operator(api, request->http), wall, &s->report);
    s->inventory = staging_content(api->o.staging)->inventory_block;
    api->lines[0] = (struct http_line){"Cache-Control", "no-store"};
    api->lines[1] = (struct http_line){"X-Content-Type-Options", "nosniff"};
    api->lines[2] =
        format == REPORT_HTML
            ? (struct http_line){"Content-Security-Policy",
                                 "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
            : (struct http_line){"Content-Disposition",
                                 format == REPORT_CSV ? "attachment; filename=report.csv" : "inline"};
    answer->response.lines = api->lines;
    answer->response.line_count = 3;
    api_pieces(answer, next_part);
}
