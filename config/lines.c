#include "config/lines.h"

#include <string.h>

void lines_init(struct lines *lines, settings_reader *read, void *ctx)
{
    *lines = (struct lines){.read = read, .ctx = ctx};
}

static void fill(struct lines *lines)
{
    int got = lines->read(lines->ctx, lines->bytes, sizeof lines->bytes);
    lines->failed = got < 0 || (size_t)got > sizeof lines->bytes;
    lines->ended = lines->failed || got == 0;
    lines->at = 0;
    lines->len = lines->ended ? 0 : (size_t)got;
}

/* The next byte without taking it, -1 at the end. */
static int peek(struct lines *lines)
{
    if (lines->at == lines->len && !lines->ended)
        fill(lines);
    return lines->at < lines->len ? lines->bytes[lines->at] : -1;
}

static bool take(struct lines *lines, int byte)
{
    if (byte < 0 || peek(lines) != byte)
        return false;
    lines->at++;
    return true;
}

/* Takes a byte order mark away. False where it is one of UTF-16. */
static bool skip_mark(struct lines *lines)
{
    lines->begun = true;
    if (take(lines, 0xff) || take(lines, 0xfe))
        return false;
    if (take(lines, 0xef) && take(lines, 0xbb))
        take(lines, 0xbf);
    return true;
}

/* One line on its way out. */
struct line {
    char *out;
    size_t cap;
    size_t len;  /* letters so far, also those that did not fit */
    size_t used; /* the same without the blanks at the end */
    bool comment;
    unsigned char last;
};

static bool is_blank(int byte)
{
    return byte == ' ' || byte == '\t';
}

static void put(struct line *line, unsigned char byte)
{
    if ((byte == ';' && (line->len == 0 || is_blank(line->last))) || (byte == '#' && line->len == 0))
        line->comment = true;
    line->last = byte;
    if (line->comment || (line->len == 0 && is_blank(byte)))
        return;
    if (line->len < line->cap)
        line->out[line->len] = (char)byte;
    line->len++;
    if (!is_blank(byte))
        line->used = line->len;
}

/* Everything up to the line's end, which is taken too. */
static void read_line(struct lines *lines, struct line *line)
{
    for (;;) {
        int byte = peek(lines);
        if (byte < 0 || take(lines, '\n'))
            return;
        lines->at++;
        if (byte == '\r') {
            take(lines, '\n');
            return;
        }
        bool control = (byte < ' ' && byte != '\t') || byte == 127;
        if (control && lines->control < 0)
            lines->control = byte;
        put(line, (unsigned char)byte);
    }
}

enum lines_state lines_next(struct lines *lines, char *out, size_t cap)
{
    out[0] = '\0';
    if (!lines->begun && !skip_mark(lines)) {
        lines->ended = true;
        lines->at = lines->len;
        lines->number = 1;
        return LINES_UTF16;
    }
    if (peek(lines) < 0)
        return lines->failed ? LINES_FAILED : LINES_END;
    lines->number++;
    lines->control = -1;
    struct line line = {.out = out, .cap = cap};
    read_line(lines, &line);
    bool whole = lines->control < 0 && line.used < cap;
    out[whole ? line.used : 0] = '\0';
    if (whole)
        return LINES_LINE;
    return lines->control < 0 ? LINES_LONG : LINES_CONTROL;
}
