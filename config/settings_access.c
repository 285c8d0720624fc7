#include <string.h>

#include "config/schema.h"
#include "config/settings.h"
#include "config/text.h"

/* The struct of [section name], or NULL. */
static const void *find_item(const struct schema_section *section, const struct settings *settings,
                             const char *name)
{
    if (section->kind == KIND_ONE)
        return name ? NULL : schema_item_const(section, settings, 0);
    if (section->kind != KIND_NAMED || !name)
        return NULL;
    for (unsigned i = 0; i < schema_count(section, settings); i++) {
        const char *item = schema_item_const(section, settings, i);
        if (text_same(item + section->name_offset, name))
            return item;
    }
    return NULL;
}

int settings_line(const struct settings *settings, const char *section_name, const char *name, const char *key_name)
{
    const struct schema_section *section = schema_find(section_name);
    const struct settings_lines *at = section ? find_item(section, settings, name) : NULL;
    if (!at)
        return 0;
    if (!key_name)
        return at->section;
    const struct schema_key *key = schema_find_key(section, key_name);
    return key ? at->key[key - section->keys] : 0;
}

bool settings_set_interface(struct settings *settings, const char *name)
{
    if (name[0] == '\0' || name[strcspn(name, " \t/")] != '\0')
        return false;
    return text_copy(settings->box.interface, sizeof settings->box.interface, name);
}

bool settings_password_is_plain(const char *password)
{
    return password[0] != '\0' && password[0] != '$';
}

/* -- reload -------------------------------------------------------------------------------- */

typedef void fixed_key_fn(void *ctx, const struct schema_section *section, const struct schema_key *key);

/* Every key that cannot change while the box runs. All of them are in sections of which there is
 * one. */
static void each_fixed_key(fixed_key_fn *each, void *ctx)
{
    for (size_t i = 0; i < schema_sections; i++)
        for (size_t k = 0; k < schema[i].key_count; k++)
            if (schema[i].kind == KIND_ONE && schema[i].keys[k].flags & SCHEMA_RESTART)
                each(ctx, &schema[i], &schema[i].keys[k]);
}

struct comparison {
    const struct settings *running;
    const struct settings *fresh;
    const char *file;
    struct problems *problems;
    bool differs;
};

static void compare(void *ctx, const struct schema_section *section, const struct schema_key *key)
{
    struct comparison *comparison = ctx;
    const char *running = schema_item_const(section, comparison->running, 0);
    const char *fresh = schema_item_const(section, comparison->fresh, 0);
    if (memcmp(running + key->offset, fresh + key->offset, key->size) == 0)
        return;
    comparison->differs = true;
    problem_warning(comparison->problems, comparison->file,
                    settings_line(comparison->fresh, section->name, NULL, key->name),
                    "[%s] %s has changed: this needs a restart", section->name, key->name);
}

bool settings_restart_needed(const struct settings *running, const struct settings *fresh, const char *file,
                             struct problems *problems)
{
    struct comparison comparison = {running, fresh, file, problems, false};
    each_fixed_key(compare, &comparison);
    return comparison.differs;
}

struct keeping {
    const struct settings *running;
    struct settings *fresh;
};

static void keep(void *ctx, const struct schema_section *section, const struct schema_key *key)
{
    struct keeping *keeping = ctx;
    const char *from = schema_item_const(section, keeping->running, 0);
    char *to = schema_item(section, keeping->fresh, 0);
    memcpy(to + key->offset, from + key->offset, key->size);
}

void settings_keep_running(const struct settings *running, struct settings *fresh)
{
    each_fixed_key(keep, &(struct keeping){running, fresh});
}
