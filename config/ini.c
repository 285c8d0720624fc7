#include "config/ini.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "config/lines.h"

struct source {
    struct lines lines;
    const struct ini_events *events;
    bool waiting; /* inih has a line that should lead to a value and has not yet */
    bool colons;  /* in this section colons belong to the key */
};

static void wrong(struct source *source, const char *sentence)
{
    source->events->wrong(source->events->ctx, source->lines.number, sentence);
}

static void wrong_control(struct source *source)
{
    char sentence[120];
    snprintf(sentence, sizeof sentence,
             "a control character (0x%02x) stands in this line: save the file as plain text",
             source->lines.control);
    wrong(source, sentence);
}

static void wrong_long(struct source *source, size_t cap)
{
    char sentence[120];
    snprintf(sentence, sizeof sentence, "this line has more than %zu characters and was left out: shorten it",
             cap - 1);
    wrong(source, sentence);
}

static void section(struct source *source, char *line)
{
    char *end = strchr(line, ']');
    if (!end || end[1] != '\0') {
        wrong(source, end ? "nothing may follow the ] of a section" : "a section ends with ]");
        return;
    }
    char *name = line + 1 + strspn(line + 1, " \t");
    while (end > name && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    source->colons = source->events->section(source->events->ctx, source->lines.number, name);
}

static void drop_colons(char *line)
{
    char *equals = strchr(line, '=');
    if (!equals || line[0] == ':')
        return;
    char *to = line;
    for (const char *from = line; *from; from++)
        if (*from != ':' || from > equals)
            *to++ = *from;
    *to = '\0';
}

/* Whether inih shall see the line. Section headers it would cut at 50 characters, so they are read
 * here. */
static bool prepare(struct source *source, char *line)
{
    if (line[0] == '[')
        section(source, line);
    else if (source->colons)
        drop_colons(line);
    return line[0] != '[' && line[0] != '\0';
}

static char *next_line(char *line, int cap, void *ctx)
{
    struct source *source = ctx;
    if (source->waiting)
        wrong(source, "neither a [section] nor key = value");
    source->waiting = false;
    for (;;) {
        switch (lines_next(&source->lines, line, (size_t)cap)) {
        case LINES_LINE:
            source->waiting = prepare(source, line);
            if (source->waiting)
                return line;
            break;
        case LINES_LONG:
            wrong_long(source, (size_t)cap);
            break;
        case LINES_CONTROL:
            wrong_control(source);
            break;
        case LINES_UTF16:
            wrong(source, "the file was saved as UTF-16: save it as UTF-8 or plain text");
            return NULL;
        case LINES_FAILED:
            wrong(source, "the file could not be read to its end");
            return NULL;
        case LINES_END:
            return NULL;
        }
    }
}

static int found_value(void *ctx, const char *cut_section, const char *key, const char *value)
{
    (void)cut_section;
    struct source *source = ctx;
    source->waiting = false;
    if (key[0] == '\0')
        wrong(source, "a name is missing before the =");
    else
        source->events->value(source->events->ctx, source->lines.number, key, value);
    return 1;
}

void ini_read(settings_reader *read, void *ctx, const struct ini_events *events)
{
    struct source source = {.events = events};
    lines_init(&source.lines, read, ctx);
    ini_parse_stream(next_line, &source, found_value, &source);
}
