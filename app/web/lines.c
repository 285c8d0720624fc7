#include "app/web/lines.h"

#include <string.h>

_Static_assert(LINES_LEAST >= LINES_HEAD + DIARY_LINE_MAX && LINES_LEAST % LINES_CHUNK == 0, "room for the longest line");

/* A line in the ring: length of the text, level, both clocks, the text. */

static uint8_t *byte_at(const struct lines_ring *ring, size_t at)
{
    at %= ring->size;
    return ring->memory + at / LINES_CHUNK * ring->stride + at % LINES_CHUNK;
}

/* How many of `len` bytes lie in one chunk. */
static size_t piece(size_t at, size_t len)
{
    size_t left = LINES_CHUNK - at % LINES_CHUNK;
    return len < left ? len : left;
}

static void put(const struct lines_ring *ring, size_t at, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    for (size_t n; len > 0; at += n, from += n, len -= n) {
        n = piece(at, len);
        memcpy(byte_at(ring, at), from, n);
    }
}

static void get(const struct lines_ring *ring, size_t at, void *bytes, size_t len)
{
    uint8_t *to = bytes;
    for (size_t n; len > 0; at += n, to += n, len -= n) {
        n = piece(at, len);
        memcpy(to, byte_at(ring, at), n);
    }
}

static void drop_oldest(struct lines *lines, const struct lines_ring *ring)
{
    size_t len = LINES_HEAD + *byte_at(ring, lines->first);
    lines->first = (uint16_t)((lines->first + len) % ring->size);
    lines->used = (uint16_t)(lines->used - len);
    lines->count--;
}

void lines_add(struct lines *lines, const struct lines_ring *ring, size_t most, const struct diary_line *line)
{
    uint8_t head[LINES_HEAD] = {(uint8_t)strlen(line->text), line->level};
    size_t len = LINES_HEAD + (size_t)head[0];
    while (lines->count > 0 && (lines->count >= most || ring->size - lines->used < len))
        drop_oldest(lines, ring);
    size_t at = (size_t)lines->first + lines->used;
    memcpy(head + 2, &line->uptime_ms, 8);
    memcpy(head + 10, &line->wall_ms, 8);
    put(ring, at, head, LINES_HEAD);
    put(ring, at + LINES_HEAD, line->text, head[0]);
    lines->used = (uint16_t)(lines->used + len);
    lines->count++;
}

bool lines_get(const struct lines *lines, const struct lines_ring *ring, size_t i, struct diary_line *out)
{
    uint8_t head[LINES_HEAD];
    size_t at = lines->first;
    if (i >= lines->count)
        return false;
    while (i-- > 0)
        at += LINES_HEAD + *byte_at(ring, at);
    get(ring, at, head, LINES_HEAD);
    out->level = head[1];
    memcpy(&out->uptime_ms, head + 2, 8);
    memcpy(&out->wall_ms, head + 10, 8);
    get(ring, at + LINES_HEAD, out->text, head[0]);
    out->text[head[0]] = '\0';
    return true;
}
