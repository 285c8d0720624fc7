#include "app/content/content.h"

#include <stdlib.h>
#include <string.h>
#include "mbedtls/platform_util.h"

bool content_open(struct content *c, struct port *port, const uint64_t seed[2])
{
    memset(c, 0, sizeof *c);
    c->port = port;
    memcpy(c->seed, seed, sizeof c->seed);
    c->depot = depot_open(port);
    rules_init(&c->rules);
    inventory_empty(&c->inventory);
    return c->depot != NULL;
}

void content_borrow(struct content *c, const struct content *from)
{
    depot_borrow(c->depot, from->depot);
    memcpy(c->ladder.kept, from->ladder.kept, sizeof c->ladder.kept);
}

/* Templates and inventories hold the phones' passwords. */
static void wipe_text(char *text)
{
    if (text)
        mbedtls_platform_zeroize(text, strlen(text));
    free(text);
}

static void wipe_inventory(struct content *c)
{
    if (c->inventory_block)
        mbedtls_platform_zeroize(c->inventory_block, c->inventory.used);
    free(c->inventory_block);
    c->inventory_block = NULL;
}

static void free_templates(struct content_template *templates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        template_free(&templates[i].template);
        wipe_text(templates[i].text);
    }
}

void content_close(struct content *c)
{
    free_templates(c->templates, c->template_count);
    certs_free(&c->certs);
    wipe_inventory(c);
    if (c->depot)
        depot_close(c->depot);
    memset(c, 0, sizeof *c);
}

/* The whole of a text file in memory of its own, with a NUL; NULL where it cannot be had. */
static char *read_text(struct content *c, const char *path, size_t max, size_t *len, struct problems *problems)
{
    struct port_file info;
    if (port_stat(c->port, path, &info) < 0) {
        problem_error(problems, path, 0, "%s", port_error_sentence(c->port));
        return NULL;
    }
    if (info.size > max) {
        problem_error(problems, path, 0, "is %llu bytes long: at most %zu are read", (unsigned long long)info.size, max);
        return NULL;
    }
    char *text = malloc((size_t)info.size + 1);
    int got = text ? port_read(c->port, path, 0, text, (size_t)info.size) : PORT_E_FULL;
    if (got < 0) {
        problem_error(problems, path, 0, "%s", text ? port_error_sentence(c->port) : "no memory for it");
        free(text);
        return NULL;
    }
    text[got] = '\0';
    *len = (size_t)got;
    return text;
}

static bool is_there(struct content *c, const char *path)
{
    struct port_file info;
    return path[0] && port_stat(c->port, path, &info) >= 0;
}

/* Set and not there is an error; not set and not there means none. */
static bool wanted(struct content *c, const struct settings *settings, const char *key, const char *path)
{
    return path[0] && (is_there(c, path) || settings_line(settings, "profile", NULL, key) > 0);
}

/* Tells at its line that a file is named and not there. */
static bool missing(struct content *c, const struct settings *settings, const char *file, const char *key,
                    const char *path, struct problems *problems)
{
    if (is_there(c, path))
        return false;
    problem_error(problems, file, settings_line(settings, "profile", NULL, key), "%s = %s: %s", key, path,
                  port_error_sentence(c->port));
    return true;
}

static void say_nothing(void *ctx, const struct problem *problem)
{
    (void)ctx;
    (void)problem;
}

/* Reads it once more, into a block of just the bytes that it took; the block that it is in then. */
static void *in_less(const struct content *c, struct inventory *inventory, const char *text, size_t len, void *block)
{
    struct problems quiet = {.add = say_nothing};
    struct inventory again;
    void *less = malloc(inventory->used);
    if (!less || !inventory_read(&again, inventory->file, text, len, less, inventory->used, c->seed, &quiet)) {
        free(less);
        return block;
    }
    mbedtls_platform_zeroize(block, inventory->used);
    free(block);
    *inventory = again;
    return less;
}

static bool read_inventory(struct content *c, const struct settings *settings, const char *file,
                           struct problems *problems)
{
    const char *path = settings->profile.inventory;
    if (!wanted(c, settings, "inventory", path)) {
        wipe_inventory(c);
        inventory_empty(&c->inventory);
        return true;
    }
    size_t len;
    if (missing(c, settings, file, "inventory", path, problems))
        return false;
    char *text = read_text(c, path, CONTENT_INVENTORY_SIZE_MAX, &len, problems);
    if (!text)
        return false;
    size_t size = INVENTORY_MEMORY(len);
    void *block = malloc(size);
    struct inventory fresh;
    char name[SETTINGS_TEXT_MAX];
    strcpy(name, path);
    bool ok = block && inventory_read(&fresh, name, text, len, block, size, c->seed, problems);
    if (ok)
        block = in_less(c, &fresh, text, len, block);
    mbedtls_platform_zeroize(text, len);
    free(text);
    if (!ok) {
        if (block)
            mbedtls_platform_zeroize(block, size);
        free(block);
        return false;
    }
    wipe_inventory(c);
    c->inventory_block = block;
    strcpy(c->inventory_path, name);
    c->inventory = fresh;
    c->inventory.file = c->inventory_path;
    return true;
}

static bool add_template(struct content *c, struct content_template *t, struct problems *problems)
{
    size_t len;
    t->text = read_text(c, t->path, CONTENT_TEMPLATE_SIZE_MAX, &len, problems);
    return t->text && template_read(&t->template, t->path, t->text, len, problems);
}

struct template_list {
    struct content_template item[CONTENT_TEMPLATES_MAX];
    size_t count;
};

/* One template for each model that the card has one for. */
static bool read_per_model(struct content *c, const struct settings *settings, const char *file,
                           struct template_list *list, struct problems *problems)
{
    bool ok = true;
    for (size_t i = 0; family_model(i) && list->count < CONTENT_TEMPLATES_MAX; i++) {
        struct content_template *t = &list->item[list->count];
        memset(t, 0, sizeof *t);
        strcpy(t->model, family_model(i));
        if (!template_path(settings->profile.template, t->model, t->path, sizeof t->path) || !is_there(c, t->path))
            continue;
        list->count++;
        ok = add_template(c, t, problems) && ok;
    }
    if (list->count == 0) {
        problem_error(problems, file, settings_line(settings, "profile", NULL, "template"),
                      "template = %s: there is no such file for any model (%%model%% becomes SPA504G and so on)",
                      settings->profile.template);
        return false;
    }
    return ok;
}

static bool read_one(struct content *c, const struct settings *settings, const char *file, struct template_list *list,
                     struct problems *problems)
{
    if (missing(c, settings, file, "template", settings->profile.template, problems))
        return false;
    struct content_template *t = &list->item[0];
    memset(t, 0, sizeof *t);
    strcpy(t->path, settings->profile.template);
    list->count = 1;
    return add_template(c, t, problems);
}

static void take_templates(struct content *c, const struct template_list *list)
{
    free_templates(c->templates, c->template_count);
    memcpy(c->templates, list->item, sizeof c->templates);
    c->template_count = list->count;
    for (size_t i = 0; i < c->template_count; i++)
        c->templates[i].template.file = c->templates[i].path;
}

static bool read_templates(struct content *c, const struct settings *settings, const char *file,
                           struct problems *problems)
{
    struct template_list list = {.count = 0};
    bool per_model = template_path_has_model(settings->profile.template);
    bool want = per_model || wanted(c, settings, "template", settings->profile.template);
    bool ok = true;
    if (want)
        ok = per_model ? read_per_model(c, settings, file, &list, problems) : read_one(c, settings, file, &list, problems);
    if (!ok) {
        free_templates(list.item, list.count);
        return false;
    }
    c->has_template = want;
    take_templates(c, &list);
    return true;
}

static bool check_templates(const struct content *c, struct problems *problems)
{
    bool ok = true;
    for (size_t i = 0; i < c->template_count; i++)
        ok = template_check(&c->templates[i].template, &c->inventory, problems) && ok;
    return ok;
}

static bool read_ladder(struct content *c, const struct settings *settings, const char *file,
                        struct problems *problems)
{
    static struct firmware_claim none[1];
    struct firmware_claim *claims = calloc(SETTINGS_FIRMWARE, sizeof *claims);
    size_t count = claims ? firmware_claims(settings, file, claims) : 0;
    bool ok = rules_read(&c->rules, settings, file, problems);
    int errors = problems->errors;
    depot_scan(c->depot, claims ? claims : none, count, problems);
    c->image_errors = problems->errors - errors;
    free(claims);
    c->ladder.rules = &c->rules;
    c->ladder.images = depot_images(c->depot, &c->ladder.image_count);
    return ladder_read(&c->ladder, settings, file, problems) && ok;
}

bool content_read(struct content *c, const struct settings *settings, const char *file, struct problems *problems)
{
    int errors = problems->errors;
    read_ladder(c, settings, file, problems);
    c->inventory_faulty = !read_inventory(c, settings, file, problems);
    c->certs_faulty = !certs_read(&c->certs, c->port, settings, file, problems);
    if (read_templates(c, settings, file, problems) && !c->inventory_faulty)
        check_templates(c, problems);
    return problems->errors - c->image_errors == errors;
}

const struct template *content_template(const struct content *c, const char *model)
{
    for (size_t i = 0; i < c->template_count; i++)
        if (!c->templates[i].model[0] || strcmp(c->templates[i].model, model) == 0)
            return &c->templates[i].template;
    return NULL;
}
