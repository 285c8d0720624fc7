#include "app/web/phone_cache.h"

#include <stdlib.h>
#include <string.h>

#include "app/web/phone_json.h"

struct entry {
    uint32_t generation; /* of the phone that was written */
    uint16_t len;        /* 0: nothing is kept */
    char text[PHONE_CACHE_TEXT];
};

struct phone_cache {
    size_t phones;
    struct entry *entries;
};

struct phone_cache *phone_cache_open(size_t phones)
{
    struct phone_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return NULL;
    cache->phones = phones;
    cache->entries = calloc(phones ? phones : 1, sizeof *cache->entries);
    if (cache->entries)
        return cache;
    free(cache);
    return NULL;
}

void phone_cache_close(struct phone_cache *cache)
{
    if (cache)
        free(cache->entries);
    free(cache);
}

void phone_cache_changed(struct phone_cache *cache, size_t place)
{
    if (place < cache->phones)
        cache->entries[place].len = 0;
}

size_t phone_cache_put(struct phone_cache *cache, const struct staging *s, size_t place, const struct phone *phone,
                       char *buf, size_t cap)
{
    struct entry *entry = place < cache->phones ? &cache->entries[place] : NULL;
    struct json json;
    if (entry && entry->len > 0 && entry->len <= cap && entry->generation == phone->generation) {
        memcpy(buf, entry->text, entry->len);
        return entry->len;
    }
    json_init(&json, buf, cap);
    phone_json(&json, s, phone);
    if (entry && json_done(&json) && json.len <= sizeof entry->text) {
        memcpy(entry->text, buf, json.len);
        entry->len = (uint16_t)json.len;
        entry->generation = phone->generation;
    }
    return json.len;
}
