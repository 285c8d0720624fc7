#include "app/web/phone_cache.h"

#include <stdlib.h>
#include <string.h>

#include "app/web/phone_json.h"

struct entry {
    size_t place;        /* whose it is */
    uint32_t generation; /* of the phone that was written */
    uint16_t len;        /* 0: nothing is kept */
    char text[PHONE_CACHE_TEXT];
};

struct phone_cache {
    size_t count;
    struct entry *entries;
};

struct phone_cache *phone_cache_open(size_t phones, size_t viewers)
{
    struct phone_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return NULL;
    cache->count = viewers < PHONE_CACHE_FEW       ? 1
                   : viewers < PHONE_CACHE_VIEWERS ? phones * viewers / PHONE_CACHE_VIEWERS / 2 + 1
                                                   : phones + 1;
    cache->entries = calloc(cache->count, sizeof *cache->entries);
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
    struct entry *entry = &cache->entries[place % cache->count];
    if (entry->place == place)
        entry->len = 0;
}

size_t phone_cache_put(struct phone_cache *cache, const struct staging *s, size_t place, const struct phone *phone,
                       unsigned *made, char *buf, size_t cap)
{
    struct entry *entry = &cache->entries[place % cache->count];
    struct json json;
    if (entry->place == place && entry->len > 0 && entry->len <= cap && entry->generation == phone->generation) {
        memcpy(buf, entry->text, entry->len);
        return entry->len;
    }
    json_init(&json, buf, cap);
    phone_json(&json, s, phone);
    ++*made;
    if (json_done(&json) && json.len <= sizeof entry->text) {
        memcpy(entry->text, buf, json.len);
        entry->len = (uint16_t)json.len;
        entry->generation = phone->generation;
        entry->place = place;
    }
    return json.len;
}
