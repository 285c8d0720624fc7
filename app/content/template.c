#include "app/content/template.h"

#include "app/content/template_plan.h"
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

static const char *const builtins[TEMPLATE_COLUMN] = {"mac", "model", "box.address"};

enum template_source template_source_of(const char *name)
{
    unsigned i = 0;
    while (i < TEMPLATE_COLUMN && !text_same(builtins[i], name))
        i++;
    return (enum template_source)i;
}

static int column_of(const struct inventory *inventory, const char *name)
{
    return inventory ? inventory_column(inventory, name, strlen(name)) : INVENTORY_NONE;
}

/* The value that follows a step; NULL where there is none. `mac` is the text of the MAC. */
static const char *value_of(const struct template_values *values, const struct template_step *step, const char *mac)
{
    switch (step->source) {
    case TEMPLATE_MAC:
        return mac;
    case TEMPLATE_MODEL:
        return values->model;
    case TEMPLATE_ADDRESS:
        return values->box_address;
    case TEMPLATE_NOTHING:
        return "";
    case TEMPLATE_COLUMN:
        break;
    }
    int column = column_of(values->inventory, step->name);
    if (column == INVENTORY_NONE || values->row == INVENTORY_NONE)
        return NULL;
    return inventory_cell(values->inventory, values->row, column);
}

bool template_lacks(const struct template *t, const struct template_values *values, char name[TEMPLATE_COLUMN_MAX])
{
    name[0] = '\0';
    for (size_t i = 0; i < t->plan.count; i++) {
        if (value_of(values, &t->plan.steps[i], ""))
            continue;
        text_copy(name, TEMPLATE_COLUMN_MAX, t->plan.steps[i].name);
        return true;
    }
    return false;
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
    for (size_t i = 0; i < TEMPLATE_COLUMN + columns; i++) {
        const char *known = i < TEMPLATE_COLUMN ? builtins[i] : inventory->columns[i - TEMPLATE_COLUMN].name;
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
    if (template_source_of(name->text) != TEMPLATE_COLUMN || column_of(inventory, name->text) != INVENTORY_NONE)
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

void template_render(const struct template *t, const struct template_values *values, uint64_t without,
                     struct out *out)
{
    char mac[MAC_TEXT_MAX];
    mac_format(values->mac, mac);
    for (size_t i = 0; i < t->plan.count; i++) {
        const struct template_step *step = &t->plan.steps[i];
        if (step->parameter != PARAMETER_COUNT && (without & PARAMETER_BIT(step->parameter)) != 0)
            continue;
        out_bytes(out, t->plan.text + step->at, step->len);
        const char *value = value_of(values, step, mac);
        if (step->source == TEMPLATE_MAC)
            out_bytes(out, mac, strlen(mac)); /* nothing in it is to be escaped */
        else if (value)
            xml_write_text(out, value, strlen(value));
        else
            out->failed = true;
    }
}
