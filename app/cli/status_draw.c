#include "app/cli/status_draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/content/xml.h"

#define BAR 16
#define BAR_TEXT 64
#define LINE_MAX_HERE 512

/* States in the order in which a person wants to see them. */
static const char *const urgency[] = {"needs-hand", "stalled",    "refused", "loading", "flashing", "configuring",
                                      "waiting",    "identified", "new",     "done",    "ignored"};
#define STATES (sizeof urgency / sizeof *urgency)

static const char *text(const cJSON *object, const char *name, const char *otherwise)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value ? value : otherwise;
}

static double number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static size_t rank(const cJSON *phone)
{
    const char *state = text(phone, "state", "");
    for (size_t i = 0; i < STATES; i++)
        if (strcmp(state, urgency[i]) == 0)
            return i;
    return STATES;
}

static const char *name_of(const cJSON *phone)
{
    return text(phone, "mac", text(phone, "id", "?"));
}

static int by_urgency(const void *a, const void *b)
{
    const cJSON *const *p = a, *const *q = b;
    size_t x = rank(*p), y = rank(*q);
    return x != y ? (x < y ? -1 : 1) : strcmp(name_of(*p), name_of(*q));
}

/* What a terminal may be shown: no control characters, those of ISO 8859 included, and none that turn the direction
 * of writing around (Unicode's Bidi_Control). */
static bool is_harmless(uint32_t c)
{
    bool turns =
        c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return c >= 0x20 && (c < 0x7f || c >= 0xa0) && !turns;
}

/* One line, cut to `columns` characters (not bytes); harmful ones, and bytes that are no UTF-8, become dots. */
static void put_line(struct out *out, const char *line, unsigned columns)
{
    size_t left = strlen(line), used;
    for (unsigned n = 0; left > 0 && n < columns; n++, line += used, left -= used) {
        bool sound;
        uint32_t c = xml_character(line, left, &used, &sound);
        if (sound && is_harmless(c))
            out_bytes(out, line, used);
        else
            out_char(out, '.');
    }
    out_char(out, '\n');
}

/* Puts it behind what stands in `line`; what does not fit is left out. */
__attribute__((format(printf, 3, 4))) static void add(char *line, size_t cap, const char *format, ...)
{
    va_list args;
    size_t len = strlen(line);
    va_start(args, format);
    vsnprintf(line + len, cap - len, format, args);
    va_end(args);
}

static void put_rungs(char *line, size_t cap, const cJSON *phone)
{
    const cJSON *rung;
    snprintf(line, cap, "%s", text(phone, "version", "?"));
    cJSON_ArrayForEach(rung, cJSON_GetObjectItemCaseSensitive(phone, "rungs"))
    {
        add(line, cap, " > %s", cJSON_GetStringValue(rung) ? cJSON_GetStringValue(rung) : "?");
    }
}

static void put_bar(char bar[BAR_TEXT], const cJSON *phone)
{
    double progress = number(phone, "progress");
    bar[0] = '\0';
    if (strcmp(text(phone, "state", ""), "loading") != 0 || !(progress >= 0 && progress <= 1))
        return;
    int full = (int)(progress * BAR);
    snprintf(bar, BAR_TEXT, "[%.*s%.*s] %3d%%", full, "################", BAR - full, "................",
             (int)(progress * 100));
}

void status_line(const cJSON *phone, struct out *out)
{
    char line[LINE_MAX_HERE], rungs[128];
    put_rungs(rungs, sizeof rungs, phone);
    const char *note = text(phone, "note", "");
    snprintf(line, sizeof line, "%s %s %s %s%s%.300s", name_of(phone), text(phone, "model", "?"),
             text(phone, "state", "?"), rungs, note[0] ? ": " : "", note);
    put_line(out, line, LINE_MAX_HERE);
}

static void put_phone(struct out *out, const cJSON *phone, unsigned columns)
{
    char line[LINE_MAX_HERE], rungs[128], bar[BAR_TEXT];
    put_rungs(rungs, sizeof rungs, phone);
    put_bar(bar, phone);
    snprintf(line, sizeof line, "%-12s %-9s %-11s %-24s %s%.200s", name_of(phone), text(phone, "model", "?"),
             text(phone, "state", "?"), rungs, bar, bar[0] ? "" : text(phone, "note", ""));
    put_line(out, line, columns);
}

static unsigned put_summary(struct out *out, const cJSON *summary, unsigned columns)
{
    char line[LINE_MAX_HERE];
    const cJSON *states = cJSON_GetObjectItemCaseSensitive(summary, "states"), *warning;
    unsigned lines = 1;
    snprintf(line, sizeof line, "%.60s: %.0f phones", text(summary, "name", "?"), number(summary, "phones"));
    for (size_t i = 0; i < STATES; i++)
        if (number(states, urgency[i]) > 0)
            add(line, sizeof line, ", %.0f %s", number(states, urgency[i]), urgency[i]);
    if (number(summary, "rate_bps") > 0)
        add(line, sizeof line, "; %.1f MB/s", number(summary, "rate_bps") / 1e6);
    put_line(out, line, columns);
    cJSON_ArrayForEach(warning, cJSON_GetObjectItemCaseSensitive(summary, "warnings"))
    {
        snprintf(line, sizeof line, "! %.400s", cJSON_GetStringValue(warning) ? cJSON_GetStringValue(warning) : "");
        put_line(out, line, columns);
        lines++;
    }
    return lines;
}

void status_draw(const cJSON *summary, const cJSON *phones, unsigned columns, unsigned rows, struct out *out)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(phones, "phones"), *phone;
    size_t count = (size_t)cJSON_GetArraySize(array), n = 0;
    const cJSON **list = malloc((count + 1) * sizeof *list);
    char line[80];
    if (columns < STATUS_NARROW)
        columns = STATUS_NARROW;
    unsigned used = put_summary(out, summary, columns);
    if (!list)
        return;
    cJSON_ArrayForEach(phone, array) list[n++] = phone;
    qsort(list, n, sizeof *list, by_urgency);
    size_t room = rows == 0 ? n : rows > used + 1 ? rows - used - 1 : 1;
    size_t shown = n <= room ? n : room > 0 ? room - 1 : 0;
    for (size_t i = 0; i < shown; i++)
        put_phone(out, list[i], columns);
    if (shown < n) {
        snprintf(line, sizeof line, "and %zu more", n - shown);
        put_line(out, line, columns);
    }
    free(list);
}
