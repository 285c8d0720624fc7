#include "app/content/depot_store.h"

#include <stdlib.h>
#include <string.h>

#include "config/text.h"

struct depot *depot_open(struct port *port)
{
    struct depot *depot = calloc(1, sizeof *depot);
    if (depot)
        depot->port = port;
    return depot;
}

void depot_borrow(struct depot *depot, const struct depot *lender)
{
    depot->lender = lender;
}

struct depot_slot *depot_slot_at(const struct depot *depot, size_t i)
{
    struct depot_slot *page = i < DEPOT_CONTENTS_MAX ? depot->pages[i / DEPOT_PAGE] : NULL;
    return page ? &page[i % DEPOT_PAGE] : NULL;
}

struct depot_slot *depot_slot_free_one(struct depot *depot)
{
    struct depot_slot *slot;
    size_t i = 0;
    for (; (slot = depot_slot_at(depot, i)); i++)
        if (!slot->content.blob)
            return slot;
    if (i >= DEPOT_CONTENTS_MAX)
        return NULL;
    return depot->pages[i / DEPOT_PAGE] = calloc(DEPOT_PAGE, sizeof *slot);
}

void depot_slot_free(struct depot *depot, struct depot_slot *slot)
{
    if (slot->content.blob && !slot->lent)
        port_blob_release(depot->port, slot->content.blob);
    memset(slot, 0, sizeof *slot);
}

void depot_close(struct depot *depot)
{
    struct depot_slot *slot;
    for (size_t i = 0; (slot = depot_slot_at(depot, i)); i++)
        depot_slot_free(depot, slot);
    for (size_t i = 0; i < DEPOT_PAGES; i++)
        free(depot->pages[i]);
    free(depot);
}

static uint32_t hash_name(const char *name, size_t len)
{
    uint32_t hash = 2166136261u; /* FNV-1a; who asks cannot add names, so no key is needed */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)text_lower(name[i])) * 16777619u;
    return hash;
}

static bool is_name(const char *known, const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (known[i] == '\0' || text_lower(known[i]) != text_lower(name[i]))
            return false;
    return known[len] == '\0';
}

/* The bucket of that name, or the free one where it would go. */
static size_t bucket_of(const struct depot *depot, const char *name, size_t len)
{
    size_t at = hash_name(name, len) % DEPOT_BUCKETS;
    while (depot->buckets[at] != 0 && !is_name(depot->items[depot->buckets[at] - 1].content->name, name, len))
        at = (at + 1) % DEPOT_BUCKETS;
    return at;
}

bool depot_index_last(struct depot *depot)
{
    const char *name = depot->items[depot->item_count - 1].content->name;
    size_t bucket = bucket_of(depot, name, strlen(name));
    if (depot->buckets[bucket] != 0)
        return false;
    depot->buckets[bucket] = (uint16_t)depot->item_count;
    return true;
}

static const struct depot_item *find(const struct depot *depot, const char *name, size_t len)
{
    if (len == 0 || len >= DEPOT_NAME_MAX)
        return NULL;
    uint16_t index = depot->buckets[bucket_of(depot, name, len)];
    return index > 0 ? &depot->items[index - 1] : NULL;
}

static int hex_value(char c)
{
    c = text_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads `<8 hex><1..6 digits>-`; its length, or 0. */
static size_t read_token(const char *name, size_t len, struct depot_token *token)
{
    size_t at = 0;
    for (; at < 8; at++) {
        int value = at < len ? hex_value(name[at]) : -1;
        if (value < 0)
            return 0;
        token->state = token->state << 4 | (uint32_t)value;
    }
    for (; at < len && at < 14 && name[at] >= '0' && name[at] <= '9'; at++)
        token->attempt = token->attempt * 10 + (uint32_t)(name[at] - '0');
    token->present = at > 8 && at < len && name[at] == '-';
    return token->present ? at + 1 : 0;
}

const struct depot_item *depot_find(const struct depot *depot, const char *name, size_t len,
                                    struct depot_token *token)
{
    struct depot_token none = {0}, found = {0};
    const struct depot_item *item = find(depot, name, len);
    if (token)
        *token = none;
    if (item)
        return item;
    size_t skip = read_token(name, len, &found);
    item = skip > 0 ? find(depot, name + skip, len - skip) : NULL;
    if (item && !item->image)
        return NULL; /* only firmware has tokens */
    if (item && token)
        *token = found;
    return item;
}

const struct ladder_image *depot_images(const struct depot *depot, size_t *count)
{
    *count = depot->image_count;
    return depot->images;
}

const struct depot_item *depot_item_of(const struct depot *depot, const struct ladder_image *image)
{
    return &depot->items[image - depot->images];
}

static struct depot_slot *slot_of(const struct depot_content *content)
{
    return (struct depot_slot *)(uintptr_t)content; /* its first field */
}

const struct depot_content *depot_hold(struct depot *depot, const struct depot_content *content)
{
    (void)depot;
    slot_of(content)->holds++;
    return content;
}

void depot_release(struct depot *depot, const struct depot_content *content)
{
    struct depot_slot *slot = slot_of(content);
    if (--slot->holds == 0 && !slot->current)
        depot_slot_free(depot, slot);
}
