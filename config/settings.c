#include "config/settings.h"

#include <string.h>

#include "config/check.h"
#include "config/ini.h"
#include "config/map.h"
#include "config/schema.h"
#include "config/text.h"
#include "config/value.h"

static void preset_section(const struct schema_section *section, void *item)
{
    for (size_t i = 0; i < section->key_count; i++)
        value_read(&section->keys[i], section->keys[i].preset, item);
}

static void derive_pool(struct settings *settings)
{
    if (settings->dhcp.pool.first == 0 && settings->dhcp.pool.last == 0)
        settings->dhcp.pool = check_default_pool(settings->box.address, settings->box.prefix);
}

static void presets(struct settings *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < schema_sections; i++)
        if (schema[i].kind == KIND_ONE)
            preset_section(&schema[i], schema_item(&schema[i], out, 0));
}

void settings_defaults(struct settings *out)
{
    presets(out);
    derive_pool(out);
}

/* -- reading ------------------------------------------------------------------------------- */

struct reading {
    struct settings *settings;
    const char *file;
    struct problems *problems;
    const struct schema_section *section; /* NULL before the first one */
    void *item;                           /* the section's struct; NULL for the maps */
    bool skip;                            /* the header was wrong: its keys say nothing */
    bool network_unknown;                 /* [box] address could not be read */
};

static void unknown_section(struct reading *reading, int line, const char *name)
{
    const char *near = schema_near_section(name);
    if (near)
        problem_error(reading->problems, reading->file, line, "unknown section [%s]: did you mean [%s]?", name,
                      near);
    else
        problem_error(reading->problems, reading->file, line, "unknown section [%s]", name);
}

static void *find_named(const struct schema_section *section, struct settings *settings, const char *name)
{
    for (unsigned i = 0; i < schema_count(section, settings); i++) {
        char *item = schema_item(section, settings, i);
        if (text_same(item + section->name_offset, name))
            return item;
    }
    return NULL;
}

/* The struct of a new [section NAME], or NULL. */
static void *add_named(struct reading *reading, const struct schema_section *section, int line, const char *name)
{
    const struct settings_lines *before = find_named(section, reading->settings, name);
    unsigned count = schema_count(section, reading->settings);
    const char *wrong = name[0] == '\0'                     ? "needs a name, as in"
                        : strlen(name) >= SETTINGS_NAME_MAX ? "has too long a name; it is written"
                                                            : NULL;
    if (wrong)
        problem_error(reading->problems, reading->file, line, "[%s] %s [%s %s]", section->name, wrong,
                      section->name, section->name_doc);
    else if (before)
        problem_error(reading->problems, reading->file, line, "[%s %s] was there already, in line %d",
                      section->name, name, before->section);
    else if (count == section->capacity)
        problem_error(reading->problems, reading->file, line, "more than %u sections [%s %s]", (unsigned)section->capacity,
                      section->name, section->name_doc);
    if (wrong || before || count == section->capacity)
        return NULL;
    char *item = schema_item(section, reading->settings, count);
    text_copy(item + section->name_offset, SETTINGS_NAME_MAX, name);
    *(unsigned *)(void *)((char *)reading->settings + section->count_offset) = count + 1;
    preset_section(section, item);
    return item;
}

static void enter(struct reading *reading, const struct schema_section *section, int line, const char *name)
{
    if (section->kind == KIND_NAMED)
        reading->item = add_named(reading, section, line, name);
    else if (section->kind == KIND_ONE)
        reading->item = schema_item(section, reading->settings, 0);
    reading->skip = section->kind == KIND_NAMED && !reading->item;
    if (section->kind != KIND_NAMED && name[0] != '\0') {
        problem_error(reading->problems, reading->file, line, "[%s] takes no name: write [%s]", section->name,
                      section->name);
        reading->skip = true;
    }
    struct settings_lines *at = reading->skip ? NULL : reading->item;
    if (at && at->section == 0)
        at->section = line;
}

static bool on_section(void *ctx, int line, const char *text)
{
    struct reading *reading = ctx;
    char kind[SETTINGS_NAME_MAX] = "";
    size_t len = strcspn(text, " \t");
    if (len < sizeof kind)
        memcpy(kind, text, len);
    reading->section = schema_find(kind);
    reading->item = NULL;
    reading->skip = !reading->section;
    if (reading->section)
        enter(reading, reading->section, line, text + len + strspn(text + len, " \t"));
    else
        unknown_section(reading, line, text);
    return reading->section && reading->section->kind == KIND_HOSTS;
}

static void unknown_key(struct reading *reading, int line, const char *name)
{
    const struct schema_section *section = reading->section;
    const struct schema_section *owner = schema_owner(name);
    const char *near = schema_near_key(section, name);
    if (owner)
        problem_error(reading->problems, reading->file, line, "unknown key in [%s]: %s belongs in [%s]",
                      section->name, name, owner->name);
    else if (near)
        problem_error(reading->problems, reading->file, line, "unknown key in [%s]: %s; did you mean %s?",
                      section->name, name, near);
    else
        problem_error(reading->problems, reading->file, line, "unknown key in [%s]: %s", section->name, name);
}

static void outside(struct reading *reading, int line, const char *name)
{
    const struct schema_section *owner = schema_owner(name);
    if (owner)
        problem_error(reading->problems, reading->file, line,
                      "%s stands before the first section: it belongs in [%s]", name, owner->name);
    else
        problem_error(reading->problems, reading->file, line,
                      "%s stands before the first section: begin with a line such as [box]", name);
}

static void bad_value(struct reading *reading, const struct schema_key *key, int line, const char *value)
{
    char room[VALUE_WANTED_MAX];
    const char *wanted = value_wanted(key, room);
    const char *section = reading->section->name;
    reading->network_unknown |= key->type == TYPE_NETWORK;
    if (key->flags & SCHEMA_SECRET)
        problem_error(reading->problems, reading->file, line, "[%s] %s should be %s", section, key->name, wanted);
    else if (value[0] == '\0')
        problem_error(reading->problems, reading->file, line, "[%s] %s is empty: it should be %s", section,
                      key->name, wanted);
    else
        problem_error(reading->problems, reading->file, line, "[%s] %s = %s: it should be %s", section, key->name,
                      value, wanted);
}

static bool is_quoted(const char *value)
{
    size_t len = strlen(value);
    return len >= 2 && value[0] == '"' && value[len - 1] == '"';
}

static void on_key(struct reading *reading, int line, const char *name, const char *value)
{
    const struct schema_key *key = schema_find_key(reading->section, name);
    if (!key) {
        unknown_key(reading, line, name);
        return;
    }
    struct settings_lines *at = reading->item;
    int *seen = &at->key[key - reading->section->keys];
    if (*seen != 0) {
        problem_error(reading->problems, reading->file, line, "[%s] %s is set a second time; line %d counts",
                      reading->section->name, key->name, *seen);
        return;
    }
    *seen = line;
    if (!value_read(key, value, reading->item))
        bad_value(reading, key, line, value);
    else if (is_quoted(value))
        problem_warning(reading->problems, reading->file, line,
                        "[%s] %s: the quotation marks count as part of the value", reading->section->name,
                        key->name);
}

static void on_value(void *ctx, int line, const char *key, const char *value)
{
    struct reading *reading = ctx;
    const struct map_place place = {reading->settings, reading->file, line, reading->problems};
    if (reading->skip)
        return;
    if (!reading->section)
        outside(reading, line, key);
    else if (reading->section->kind == KIND_OPTIONS)
        map_add_option(&place, key, value);
    else if (reading->section->kind == KIND_HOSTS)
        map_add_host(&place, key, value);
    else
        on_key(reading, line, key, value);
}

static void on_wrong(void *ctx, int line, const char *sentence)
{
    struct reading *reading = ctx;
    problem_error(reading->problems, reading->file, line, "%s", sentence);
}

bool settings_read(struct settings *out, const char *file, settings_reader *read, void *ctx,
                   struct problems *problems)
{
    int errors = problems->errors;
    struct reading reading = {.settings = out, .file = file, .problems = problems};
    presets(out);
    ini_read(read, ctx, &(struct ini_events){&reading, on_section, on_value, on_wrong});
    derive_pool(out);
    check_settings(out, !reading.network_unknown, file, problems);
    return problems->errors == errors;
}
