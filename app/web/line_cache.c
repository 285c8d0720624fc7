#include "app/web/line_cache.h"

#include <stdlib.h>
#include <string.h>

#include "app/web/phone_json.h"

struct entry {
    uint64_t number;
    uint16_t len; /* 0: nothing is kept */
    char text[LINE_CACHE_TEXT];
};

struct line_cache {
    size_t count;
    struct entry entries[];
};

struct line_cache *line_cache_open(size_t viewers)
{
    size_t count = viewers < LINE_CACHE_VIEWERS ? LINE_CACHE_FEW : LINE_CACHE_LINES;
    struct line_cache *cache = calloc(1, sizeof *cache + count * sizeof *cache->entries);
    if (cache)
        cache->count = count;
    return cache;
}

void line_cache_close(struct line_cache *cache)
{
    free(cache);
}

static void write_line(struct json *json, const struct staging *s, const struct diary_line *line, const char *who)
{
    json_object(json);
    line_json(json, s, line);
    json_key_text(json, "phone", who[0] ? who : NULL);
    json_object_end(json);
}

size_t line_cache_put(struct line_cache *cache, const struct staging *s, uint64_t number, const struct diary_line *line,
                      const char *who, unsigned *made, char *buf, size_t cap)
{
    struct entry *entry = &cache->entries[number % cache->count];
    struct json json;
    if (entry->number == number && entry->len > 0 && entry->len <= cap) {
        memcpy(buf, entry->text, entry->len);
        return entry->len;
    }
    json_init(&json, buf, cap);
    write_line(&json, s, line, who);
    ++*made;
    if (json_done(&json) && json.len <= sizeof entry->text) {
        memcpy(entry->text, buf, json.len);
        entry->len = (uint16_t)json.len;
        entry->number = number;
    }
    return json.len;
}
