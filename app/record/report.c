#include "app/record/report.h"

#include "app/content/csv.h"
#include "app/record/report_html.h"
#include "app/web/json.h"
#include "config/text.h"
#include "net/calendar.h"

#include <stdio.h>
#include <string.h>

static const char *const columns[] = {"mac",      "serial",     "model",   "family", "ip",
                                      "state",    "before",     "after",   "target", "rungs",
                                      "attempts", "first_seen", "done_at", "note",   NULL};

const char *const *report_columns(void)
{
    return columns;
}

bool report_format_parse(const char *name, enum report_format *out)
{
    static const char *const names[] = {"csv", "json", "html"};
    for (unsigned i = 0; i < 3; i++) {
        if (text_same(name, names[i])) {
            *out = (enum report_format)i;
            return true;
        }
    }
    return false;
}

const char *report_content_type(enum report_format format)
{
    static const char *const types[] = {"text/csv; charset=utf-8", "application/json", "text/html; charset=utf-8"};
    return types[format];
}

char *report_time(int64_t unix_ms, char out[REPORT_TIME_MAX])
{
    int64_t seconds = unix_ms / 1000;
    out[0] = '\0';
    if (unix_ms <= 0 || seconds >= INT64_C(253402300800))
        return out;
    struct calendar c = calendar_of(seconds);
    /* The moduli only tell the compiler what is known already: that the text fits. */
    snprintf(out, REPORT_TIME_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)c.year % 10000, (unsigned)c.month % 100,
             (unsigned)c.day % 100, (unsigned)c.hour % 100, (unsigned)c.minute % 60, (unsigned)c.second % 60);
    return out;
}

bool report_shows_column(const struct inventory *inventory, size_t column)
{
    if (inventory->columns[column].len == 0)
        return false;
    for (size_t i = 0; columns[i]; i++) {
        if (text_same(columns[i], inventory->columns[column].name))
            return false;
    }
    return true;
}

static const char *text_of(const char *text)
{
    return text ? text : "";
}

size_t report_rungs_text(const struct report_row *row, char text[REPORT_RUNGS_MAX])
{
    struct out out;
    out_window(&out, text, REPORT_RUNGS_MAX, 0);
    for (size_t i = 0; i < row->rung_count; i++) {
        const struct report_rung *rung = &row->rungs[i];
        out_text(&out, i > 0 ? "; " : "");
        out_text(&out, text_of(rung->from));
        out_text(&out, " > ");
        out_text(&out, text_of(rung->to));
        out_text(&out, " in ");
        out_u64(&out, rung->seconds);
        out_text(&out, " s");
    }
    return out_filled(&out);
}

/* -- CSV -- */

static void csv_cell(struct out *out, const char *text, bool last)
{
    csv_write(out, text_of(text), strlen(text_of(text)));
    out_text(out, last ? "\r\n" : ",");
}

/* The inventory's cells of a row, or its column's names (row < 0), and the end of the line. */
static void csv_inventory(const struct inventory *inventory, int row, bool names, struct out *out)
{
    size_t count = inventory ? inventory->column_count : 0;
    for (size_t i = 0; i < count; i++) {
        if (!report_shows_column(inventory, i))
            continue;
        const char *text = names ? inventory->columns[i].name : "";
        if (!names && row != INVENTORY_NONE)
            text = inventory_cell(inventory, row, (int)i);
        out_char(out, ',');
        csv_write(out, text, strlen(text));
    }
    out_text(out, "\r\n");
}

static void csv_head(const struct report *report, struct out *out)
{
    for (size_t i = 0; columns[i]; i++) {
        out_text(out, i > 0 ? "," : "");
        out_text(out, columns[i]);
    }
    csv_inventory(report->inventory, INVENTORY_NONE, true, out);
}

static void csv_row(const struct report *report, const struct report_row *row, struct out *out)
{
    char time[REPORT_TIME_MAX];
    const char *const cells[] = {row->mac,   row->serial, row->model, row->family, row->ip,
                                 row->state, row->before, row->after, row->target};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        csv_cell(out, cells[i], false);
    char rungs[REPORT_RUNGS_MAX];
    csv_write(out, rungs, report_rungs_text(row, rungs));
    out_char(out, ',');
    out_u64(out, row->attempts);
    out_char(out, ',');
    csv_cell(out, report_time(row->first_seen_ms, time), false);
    csv_cell(out, report_time(row->done_at_ms, time), false);
    csv_write(out, text_of(row->note), strlen(text_of(row->note)));
    csv_inventory(report->inventory, row->inventory_row, false, out);
}

/* -- JSON: the fields of a row in a small buffer each, so that no row is too long -- */

static void json_string(struct out *out, const char *text)
{
    char buf[512];
    if (!text || text[0] == '\0') {
        out_text(out, "null");
        return;
    }
    out_char(out, '"');
    for (size_t len = strlen(text), at = 0; at < len;) {
        size_t part = len - at < 64 ? len - at : 64;
        while (at + part < len && part > 1 && ((unsigned char)text[at + part] & 0xc0) == 0x80)
            part--; /* not inside a character */
        struct json json;
        json_init(&json, buf, sizeof buf);
        json_text_len(&json, text + at, part);
        out_bytes(out, buf + 1, json.len - 2);
        at += part;
    }
    out_char(out, '"');
}

static void json_field(struct out *out, const char *name, const char *text)
{
    json_string(out, name);
    out_char(out, ':');
    json_string(out, text);
}

static void json_number(struct out *out, const char *name, uint64_t value)
{
    out_char(out, '"');
    out_text(out, name);
    out_text(out, "\":");
    out_u64(out, value);
}

static void json_rungs(const struct report_row *row, struct out *out)
{
    char time[REPORT_TIME_MAX];
    out_text(out, ",\"history\":[");
    for (size_t i = 0; i < row->rung_count; i++) {
        const struct report_rung *rung = &row->rungs[i];
        out_text(out, i > 0 ? ",{" : "{");
        json_field(out, "at", report_time(rung->at_ms, time));
        out_char(out, ',');
        json_field(out, "from", rung->from);
        out_char(out, ',');
        json_field(out, "to", rung->to);
        out_char(out, ',');
        json_field(out, "file", rung->file);
        out_char(out, ',');
        json_number(out, "seconds", rung->seconds);
        out_char(out, '}');
    }
    out_char(out, ']');
}

static void json_inventory(const struct inventory *inventory, int row, struct out *out)
{
    bool any = false;
    out_text(out, ",\"inventory\":{");
    for (size_t i = 0; row != INVENTORY_NONE && i < inventory->column_count; i++) {
        if (!report_shows_column(inventory, i))
            continue;
        out_text(out, any ? "," : "");
        json_field(out, inventory->columns[i].name, inventory_cell(inventory, row, (int)i));
        any = true;
    }
    out_char(out, '}');
}

static void json_head(const struct report *report, struct out *out)
{
    char time[REPORT_TIME_MAX];
    out_text(out, "{\"batch\":{");
    json_field(out, "name", report->name);
    out_char(out, ',');
    json_field(out, "version", report->version);
    out_char(out, ',');
    json_field(out, "state_id", report->state_id);
    out_char(out, ',');
    json_field(out, "made_at", report_time(report->made_ms, time));
    out_char(out, ',');
    json_number(out, "phones", report->phones);
    out_char(out, ',');
    json_number(out, "done", report->done);
    out_text(out, "},\n\"phones\":[");
}

static void json_row(const struct report *report, const struct report_row *row, size_t index, struct out *out)
{
    char first[REPORT_TIME_MAX], done[REPORT_TIME_MAX];
    const struct {
        const char *name, *text;
    } fields[] = {{"mac", row->mac},
                  {"serial", row->serial},
                  {"model", row->model},
                  {"family", row->family},
                  {"ip", row->ip},
                  {"state", row->state},
                  {"before", row->before},
                  {"after", row->after},
                  {"target", row->target},
                  {"first_seen", report_time(row->first_seen_ms, first)},
                  {"done_at", report_time(row->done_at_ms, done)},
                  {"note", row->note}};
    out_text(out, index > 0 ? ",\n{" : "\n{");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        json_field(out, fields[i].name, fields[i].text);
        out_char(out, ',');
    }
    json_number(out, "attempts", row->attempts);
    json_rungs(row, out);
    if (report->inventory)
        json_inventory(report->inventory, row->inventory_row, out);
    out_char(out, '}');
}

/* ---------------------------------------------------------------------------------------------------------- */

void report_head(const struct report *report, struct out *out)
{
    if (report->format == REPORT_CSV)
        csv_head(report, out);
    else if (report->format == REPORT_JSON)
        json_head(report, out);
    else
        report_html_head(report, out);
}

void report_row(const struct report *report, const struct report_row *row, size_t index, struct out *out)
{
    if (report->format == REPORT_CSV)
        csv_row(report, row, out);
    else if (report->format == REPORT_JSON)
        json_row(report, row, index, out);
    else
        report_html_row(report, row, index, out);
}

void report_tail(const struct report *report, struct out *out)
{
    if (report->format == REPORT_JSON)
        out_text(out, "\n]}\n");
    else if (report->format == REPORT_HTML)
        report_html_tail(report, out);
}
