#include "config/schema.h"

#include "config/text.h"

const char *schema_near_section(const char *written)
{
    const char *best = NULL;
    for (size_t i = 0; i < schema_sections; i++) {
        const char *name = schema[i].name;
        if (text_near(written, name) && (!best || text_distance(written, name) < text_distance(written, best)))
            best = name;
    }
    return best;
}

const char *schema_near_key(const struct schema_section *section, const char *written)
{
    const char *best = NULL;
    for (size_t i = 0; i < section->key_count; i++) {
        const char *name = section->keys[i].name;
        if (text_near(written, name) && (!best || text_distance(written, name) < text_distance(written, best)))
            best = name;
    }
    return best;
}

const struct schema_section *schema_owner(const char *key)
{
    const struct schema_section *owner = NULL;
    for (size_t i = 0; i < schema_sections; i++) {
        if (!schema_find_key(&schema[i], key))
            continue;
        if (owner)
            return NULL;
        owner = &schema[i];
    }
    return owner;
}

const void *schema_item_const(const struct schema_section *section, const struct settings *settings, size_t i)
{
    return (const char *)settings + section->offset + i * section->size;
}

void *schema_item(const struct schema_section *section, struct settings *settings, size_t i)
{
    return (char *)settings + section->offset + i * section->size;
}

unsigned schema_count(const struct schema_section *section, const struct settings *settings)
{
    if (section->kind == KIND_ONE)
        return 1;
    return *(const unsigned *)(const void *)((const char *)settings + section->count_offset);
}
