#include "app/content/template.h"

#include "app/content/template_walk.h"
#include "app/content/xml.h"
#include "config/text.h"

#include <string.h>

bool template_path_has_model(const char *pattern)
{
    return strstr(pattern, "%model%") != NULL;
}

bool template_path(const char *pattern, const char *model, char *out, size_t cap)
{
    struct out path;
    out_window(&path, out, cap, 0);
    for (const char *at = pattern;;) {
        const char *hit = strstr(at, "%model%");
        out_bytes(&path, at, hit ? (size_t)(hit - at) : strlen(at));
        if (!hit)
            break;
        out_text(&path, model);
        at = hit + strlen("%model%");
    }
    out_char(&path, '\0');
    return out_whole(&path);
}

/* -- names in braces -- */

enum builtin { BUILTIN_MAC, BUILTIN_MODEL, BUILTIN_ADDRESS, BUILTIN_NONE };
static const char *const builtins[BUILTIN_NONE] = {"mac", "model", "box.address"};

static enum builtin builtin_find(const struct template_name *name)
{
    unsigned i = 0;
    while (i < BUILTIN_NONE && !text_same(builtins[i], name->text))
        i++;
    return (enum builtin)i;
}

static int column_of(const struct inventory *inventory, const struct template_name *name)
{
    return inventory ? inventory_column(inventory, name->text, strlen(name->text)) : INVENTORY_NONE;
}

/* The value of a name; NULL where it has none. */
static const char *value_of(const struct template_values *values, const struct template_name *name,
                            char mac[MAC_TEXT_MAX])
{
    switch (builtin_find(name)) {
    case BUILTIN_MAC:
        return mac_format(values->mac, mac);
    case BUILTIN_MODEL:
        return values->model;
    case BUILTIN_ADDRESS:
        return values->box_address;
    case BUILTIN_NONE:
        break;
    }
    int column = column_of(values->inventory, name);
    if (column == INVENTORY_NONE || values->row == INVENTORY_NONE)
        return NULL;
    return inventory_cell(values->inventory, values->row, column);
}

struct lack {
    const struct template_values *values;
    char *name;
};

static bool lacks_name(void *ctx, const struct template_name *name)
{
    struct lack *lack = ctx;
    char mac[MAC_TEXT_MAX];
    if (value_of(lack->values, name, mac))
        return true;
    text_copy(lack->name, TEMPLATE_COLUMN_MAX, name->text);
    return false;
}

bool template_lacks(const struct template *t, const struct template_values *values, char name[TEMPLATE_COLUMN_MAX])
{
    struct lack lack = {values, name};
    name[0] = '\0';
    return !template_each_name(t, lacks_name, &lack);
}

/* -- what `check` says of them -- */

struct check {
    const struct template *template;
    const struct inventory *inventory;
    struct problems *problems;
    bool sound;
};

/* The known name that is nearest to the written one; NULL where none is near. */
static const char *nearest(const struct inventory *inventory, const char *written)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;
    size_t columns = inventory ? inventory->column_count : 0;
    for (size_t i = 0; i < BUILTIN_NONE + columns; i++) {
        const char *known = i < BUILTIN_NONE ? builtins[i] : inventory->columns[i - BUILTIN_NONE].name;
        size_t distance = text_distance(written, known);
        if (text_near(written, known) && distance < least) {
            least = distance;
            best = known;
        }
    }
    return best;
}

static bool check_name(void *ctx, const struct template_name *name)
{
    struct check *check = ctx;
    const struct inventory *inventory = check->inventory;
    if (builtin_find(name) != BUILTIN_NONE || column_of(inventory, name) != INVENTORY_NONE)
        return true;
    check->sound = false;
    const char *near = nearest(inventory, name->text);
    const char *where = inventory && inventory->file ? inventory->file : NULL;
    problem_error(check->problems, check->template->file, name->line, "{{%s}}: %s%s%s%s%s", name->text,
                  where ? where : "there is no inventory to take it from", where ? " has no such column" : "",
                  near ? "; did you mean {{" : "", near ? near : "", near ? "}}?" : "");
    return true;
}

bool template_check(const struct template *t, const struct inventory *inventory, struct problems *problems)
{
    struct check check = {t, inventory, problems, true};
    template_each_name(t, check_name, &check);
    return check.sound;
}

/* -- rendering -- */

static void write_value(struct out *out, const struct template_values *values, const struct template_name *name)
{
    char mac[MAC_TEXT_MAX];
    const char *value = value_of(values, name, mac);
    if (value)
        xml_write_text(out, value, strlen(value));
    else
        out->failed = true;
}

/* The text of one token, line ends and tabs as blanks (xml_write_*() does that). */
static void write_text(struct out *out, const struct template_values *values, const struct xml_token *token)
{
    struct template_name name;
    size_t at = 0, start;
    while (template_next_name(token->text, token->text_len, &at, &start, &name)) {
        if (token->kind == XML_CDATA)
            xml_write_text(out, token->text + start, name.at - start);
        else
            xml_write_raw(out, token->text + start, name.at - start);
        write_value(out, values, &name);
    }
    if (token->kind == XML_CDATA)
        xml_write_text(out, token->text + start, token->text_len - start);
    else
        xml_write_raw(out, token->text + start, token->text_len - start);
}

static void write_open(struct out *out, const struct xml_token *token)
{
    out_char(out, '<');
    out_bytes(out, token->name, token->name_len);
    if (token->text_len > 0) {
        out_char(out, ' ');
        template_write_attributes(out, token->text, token->text_len);
    }
    out_text(out, token->kind == XML_EMPTY ? "/>\n" : ">");
}

static bool is_without(uint64_t without, const struct xml_token *token)
{
    enum parameter_id id = parameter_find(token->name, token->name_len);
    return id != PARAMETER_COUNT && (without & PARAMETER_BIT(id)) != 0;
}

void template_render(const struct template *t, const struct template_values *values, uint64_t without,
                     struct out *out)
{
    struct xml_scan scan;
    struct xml_token token;
    unsigned depth = 0; /* 1 inside the root, 2 inside a parameter; template_read() has seen to the rest */
    bool skip = false;
    xml_scan_init(&scan, t->text, t->len);
    while (xml_next(&scan, &token) != XML_END && token.kind != XML_ERROR) {
        if (token.kind == XML_OPEN && depth++ == 1) {
            skip = is_without(without, &token);
            if (!skip)
                write_open(out, &token);
        } else if (token.kind == XML_EMPTY && depth == 1 && !is_without(without, &token)) {
            write_open(out, &token);
        } else if (token.kind == XML_CLOSE && depth-- == 2 && !skip) {
            out_text(out, "</");
            out_bytes(out, token.name, token.name_len);
            out_text(out, ">\n");
        } else if ((token.kind == XML_TEXT || token.kind == XML_CDATA) && depth == 2 && !skip) {
            write_text(out, values, &token);
        }
    }
    if (scan.error)
        out->failed = true;
}
