#include "app/web/lines.h"

#include <string.h>

/* A line in the ring: length of the text, level, both clocks, the text. */

static void put(uint8_t *ring, size_t size, size_t at, const void *bytes, size_t len)
{
    size_t first = len < size - at % size ? len : size - at % size;
    memcpy(ring + at % size, bytes, first);
    memcpy(ring, (const uint8_t *)bytes + first, len - first);
}

static void get(const uint8_t *ring, size_t size, size_t at, void *bytes, size_t len)
{
    size_t first = len < size - at % size ? len : size - at % size;
    memcpy(bytes, ring + at % size, first);
    memcpy((uint8_t *)bytes + first, ring, len - first);
}

static void drop_oldest(struct lines *lines, const uint8_t *ring, size_t size)
{
    size_t len = LINES_HEAD + (size_t)ring[lines->first];
    lines->first = (uint16_t)((lines->first + len) % size);
    lines->used = (uint16_t)(lines->used - len);
    lines->count--;
}

void lines_add(struct lines *lines, uint8_t *ring, size_t size, size_t most, const struct diary_line *line)
{
    uint8_t head[LINES_HEAD] = {(uint8_t)strlen(line->text), line->level};
    size_t len = LINES_HEAD + (size_t)head[0];
    while (lines->count > 0 && (lines->count >= most || size - lines->used < len))
        drop_oldest(lines, ring, size);
    size_t at = (size_t)lines->first + lines->used;
    memcpy(head + 2, &line->uptime_ms, 8);
    memcpy(head + 10, &line->wall_ms, 8);
    put(ring, size, at, head, LINES_HEAD);
    put(ring, size, at + LINES_HEAD, line->text, head[0]);
    lines->used = (uint16_t)(lines->used + len);
    lines->count++;
}

bool lines_get(const struct lines *lines, const uint8_t *ring, size_t size, size_t i, struct diary_line *out)
{
    uint8_t head[LINES_HEAD];
    size_t at = lines->first;
    if (i >= lines->count)
        return false;
    while (i-- > 0)
        at += LINES_HEAD + (size_t)ring[at % size];
    get(ring, size, at, head, LINES_HEAD);
    out->level = head[1];
    memcpy(&out->uptime_ms, head + 2, 8);
    memcpy(&out->wall_ms, head + 10, 8);
    get(ring, size, at + LINES_HEAD, out->text, head[0]);
    out->text[head[0]] = '\0';
    return true;
}
