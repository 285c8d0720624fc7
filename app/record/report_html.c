#include "app/record/report_html.h"

#include <string.h>

#include "app/content/xml.h"
#include "config/text.h"

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>Batch report</title><style>\n"
    "body{font:13px/1.4 system-ui,sans-serif;margin:1.5em;color:#111;background:#fff}\n"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:3px 6px;text-align:left;"
    "vertical-align:top}\nth{background:#eee}td.mac{font-family:monospace}\n"
    "td.mac,td.when{white-space:nowrap}td.rungs{min-width:11em}td.note{min-width:11em}td.own{min-width:3.5em}\n"
    "td.note,td.own{overflow-wrap:anywhere}\n"
    "tr.open{font-weight:600}\n"
    ".sign{display:flex;gap:3em;margin-top:4em;break-inside:avoid}.sign div{flex:1;border-top:1px solid #111;"
    "padding-top:4px}\n"
    "@page{size:A4 landscape;margin:12mm}\n"
    "@media print{body{margin:0;font-size:9px}th,td{padding:2px 4px}thead{display:table-header-group}"
    "tr{break-inside:avoid}}\n"
    "</style></head><body><main>\n";

static void escaped(struct out *out, const char *text)
{
    if (text)
        xml_write_text(out, text, strlen(text));
}

static void cell(struct out *out, const char *text)
{
    out_text(out, "<td>");
    escaped(out, text);
    out_text(out, "</td>");
}

static void cell_of(struct out *out, const char *class, const char *text)
{
    out_text(out, "<td class=\"");
    out_text(out, class);
    out_text(out, "\">");
    escaped(out, text);
    out_text(out, "</td>");
}

/* `word` in lower case. */
static bool has_in_it(const char *name, const char *word)
{
    for (; *name; name++) {
        size_t n = 0;
        for (; word[n] && text_lower(name[n]) == word[n]; n++)
            ;
        if (!word[n])
            return true;
    }
    return false;
}

/* As a word of its own: "pin" of "PIN", "sip_pin" and "pin2", not of "opinion". `word` in lower case. */
static bool has_word(const char *name, const char *word)
{
    for (; *name; name++) {
        char letters[8] = "";
        size_t n = 0;
        for (; text_lower(*name) >= 'a' && text_lower(*name) <= 'z'; name++)
            if (n < sizeof letters - 1)
                letters[n++] = text_lower(*name);
        if (strcmp(letters, word) == 0)
            return true;
        if (!*name)
            return false;
    }
    return false;
}

/* Paper is handed on: what is named like a secret stays in the CSV. (The page's detail.js does the same.) */
static bool is_secret(const char *name)
{
    static const char *const parts[] = {"pass", "secret", "kennwort"};
    static const char *const words[] = {"pin", "pw", "pwd", "psk", "key", "token"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (has_in_it(name, parts[i]))
            return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(name, words[i]))
            return true;
    return false;
}

static bool is_printed(const struct inventory *inventory, size_t column)
{
    return report_shows_column(inventory, column) && !is_secret(inventory->columns[column].name);
}

static void names(const char *const *list, struct out *out)
{
    for (; *list; list++) {
        out_text(out, "<th>");
        out_text(out, *list);
        out_text(out, "</th>");
    }
}

/* The inventory's cells of a row, or its columns' names (row NULL). */
static void own_columns(const struct report *report, const struct report_row *row, struct out *out)
{
    const struct inventory *inventory = report->inventory;
    for (size_t i = 0; inventory && i < inventory->column_count; i++) {
        if (!is_printed(inventory, i))
            continue;
        if (row) {
            cell_of(out, "own",
                    row->inventory_row == INVENTORY_NONE ? ""
                                                         : inventory_cell(inventory, row->inventory_row, (int)i));
            continue;
        }
        out_text(out, "<th class=\"own\">");
        escaped(out, inventory->columns[i].name);
        out_text(out, "</th>");
    }
}

void report_html_head(const struct report *report, struct out *out)
{
    static const char *const who[] = {"No.", "MAC", "Serial", "Model", NULL};
    static const char *const what[] = {"State",    "Before",  "After", "Target", "Rungs",
                                       "Remedies", "Done at", "Note",  NULL};
    char time[REPORT_TIME_MAX];
    out_text(out, page_head);
    out_text(out, "<h1>Batch report: ");
    escaped(out, report->name);
    out_text(out, "</h1>\n<p>");
    out_u64(out, report->done);
    out_text(out, " of ");
    out_u64(out, report->phones);
    out_text(out, " phones are done.");
    if (report->made_ms > 0) {
        out_text(out, " Made at ");
        out_text(out, report_time(report->made_ms, time));
        out_char(out, '.');
    }
    out_text(out, " Batch ");
    escaped(out, report->state_id);
    out_text(out, ", stagebox ");
    escaped(out, report->version);
    out_text(out, "</p>\n<table><thead><tr>");
    names(who, out);
    own_columns(report, NULL, out);
    names(what, out);
    out_text(out, "</tr></thead><tbody>\n");
}

/* Date and time of day in a line each: the table is wide. */
static void cell_of_time(struct out *out, const char *time)
{
    size_t date = strcspn(time, "T");
    out_text(out, "<td class=\"when\">");
    out_bytes(out, time, date);
    if (time[date]) {
        out_text(out, "<br>");
        out_text(out, time + date);
    }
    out_text(out, "</td>");
}

void report_html_row(const struct report *report, const struct report_row *row, size_t index, struct out *out)
{
    char time[REPORT_TIME_MAX], rungs[REPORT_RUNGS_MAX];
    out_text(out, strcmp(row->state, "done") == 0 ? "<tr><td>" : "<tr class=\"open\"><td>");
    out_u64(out, index + 1);
    out_text(out, "</td>");
    cell_of(out, "mac", row->mac);
    cell(out, row->serial);
    cell(out, row->model);
    own_columns(report, row, out);
    cell(out, row->state);
    cell(out, row->before);
    cell(out, row->after);
    cell(out, row->target);
    out_text(out, "<td class=\"rungs\">");
    xml_write_text(out, rungs, report_rungs_text(row, rungs));
    out_text(out, "</td><td>");
    out_u64(out, row->attempts);
    out_text(out, "</td>");
    cell_of_time(out, report_time(row->done_at_ms, time));
    cell_of(out, "note", row->note);
    out_text(out, "</tr>\n");
}

void report_html_tail(const struct report *report, struct out *out)
{
    (void)report;
    out_text(out, "</tbody></table>\n<div class=\"sign\"><div>Date</div><div>Name</div><div>Signature</div></div>\n"
                  "</main></body></html>\n");
}
