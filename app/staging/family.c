#include "app/staging/family.h"

#include <string.h>

#include "config/text.h"

static const struct family families[FAMILY_COUNT] = {
    [FAMILY_UNKNOWN] = {"", false, false},      [FAMILY_SPA50X_30X] = {"spa50x-30x", true, true},
    [FAMILY_SPA51X] = {"spa51x", true, false},  [FAMILY_SPA525G] = {"spa525g", true, false},
    [FAMILY_SPA9XX] = {"spa9xx", false, false},
};

static const char legacy[] = "takes no 7.x firmware: the last releases for the 900 line are 5.1.x and 6.1.5(a)";
static const char unknown_file[] = "is not upgraded: which firmware file it takes is not known";
static const char unknown_model[] = "is not a model that stagebox upgrades";

/* A model and its family; for those that are refused, why. */
static const struct {
    const char *model;
    enum family_id family;
    const char *refusal;
} models[] = {
    {"SPA301", FAMILY_SPA50X_30X, NULL},       {"SPA303", FAMILY_SPA50X_30X, NULL},
    {"SPA501G", FAMILY_SPA50X_30X, NULL},      {"SPA502G", FAMILY_SPA50X_30X, NULL},
    {"SPA504G", FAMILY_SPA50X_30X, NULL},      {"SPA508G", FAMILY_SPA50X_30X, NULL},
    {"SPA509G", FAMILY_SPA50X_30X, NULL},      {"SPA512G", FAMILY_SPA51X, NULL},
    {"SPA514G", FAMILY_SPA51X, NULL},          {"SPA525G", FAMILY_SPA525G, NULL},
    {"SPA525G2", FAMILY_SPA525G, NULL},        {"SPA901", FAMILY_SPA9XX, legacy},
    {"SPA921", FAMILY_SPA9XX, legacy},         {"SPA922", FAMILY_SPA9XX, legacy},
    {"SPA941", FAMILY_SPA9XX, legacy},         {"SPA942", FAMILY_SPA9XX, legacy},
    {"SPA962", FAMILY_SPA9XX, legacy},         {"SPA301D", FAMILY_UNKNOWN, unknown_file},
    {"SPA302D", FAMILY_UNKNOWN, unknown_file},
};

/* What files' names begin with. `guess`: the family that such a file most likely is of; it says too
 * little to be relied on (spa5x5 looks as if it meant a 525 too). */
static const struct {
    const char *prefix;
    enum family_id family;
    enum family_id guess;
} prefixes[] = {
    {"spa50x-30x-", FAMILY_SPA50X_30X, FAMILY_SPA50X_30X},
    {"spa51x-", FAMILY_SPA51X, FAMILY_SPA51X},
    {"spa525g-", FAMILY_SPA525G, FAMILY_SPA525G},
    {"spa5x5-", FAMILY_UNKNOWN, FAMILY_SPA50X_30X},
    {"spa901-", FAMILY_SPA9XX, FAMILY_SPA9XX},
    {"spa921-", FAMILY_SPA9XX, FAMILY_SPA9XX},
    {"spa922-", FAMILY_SPA9XX, FAMILY_SPA9XX},
    {"spa941-", FAMILY_SPA9XX, FAMILY_SPA9XX},
    {"spa942-", FAMILY_SPA9XX, FAMILY_SPA9XX},
    {"spa962-", FAMILY_SPA9XX, FAMILY_SPA9XX},
};
enum { MODELS = sizeof models / sizeof *models, PREFIXES = sizeof prefixes / sizeof *prefixes };

const struct family *family_get(enum family_id id)
{
    return &families[(unsigned)id < FAMILY_COUNT ? id : FAMILY_UNKNOWN];
}

/* The first strlen(b) bytes of a, letter case aside. */
static bool begins(const char *a, size_t len, const char *b)
{
    size_t want = strlen(b);
    if (len < want)
        return false;
    for (size_t i = 0; i < want; i++)
        if (text_lower(a[i]) != b[i])
            return false;
    return true;
}

enum family_id family_by_name(const char *name, size_t len)
{
    for (unsigned id = FAMILY_UNKNOWN + 1; id < FAMILY_COUNT; id++)
        if (len == strlen(families[id].name) && begins(name, len, families[id].name))
            return (enum family_id)id;
    return FAMILY_UNKNOWN;
}

enum family_id family_of_model(const char *model)
{
    for (size_t i = 0; i < MODELS; i++)
        if (strcmp(models[i].model, model) == 0)
            return models[i].family;
    return FAMILY_UNKNOWN;
}

const char *family_refusal(const char *model)
{
    for (size_t i = 0; i < MODELS; i++)
        if (strcmp(models[i].model, model) == 0)
            return models[i].refusal;
    return unknown_model;
}

/* The row of `prefixes` that a name ending in ".bin" begins with, or -1. */
static int prefix_of(const char *name, size_t len)
{
    if (len < 4 || !begins(name + len - 4, 4, ".bin"))
        return -1;
    for (int i = 0; i < PREFIXES; i++)
        if (begins(name, len - 4, prefixes[i].prefix))
            return i;
    return -1;
}

enum family_id family_of_file(const char *name, size_t len, size_t *version_at, size_t *version_len)
{
    int row = prefix_of(name, len);
    *version_at = *version_len = 0;
    if (row < 0)
        return FAMILY_UNKNOWN;
    *version_at = strlen(prefixes[row].prefix);
    *version_len = len - 4 - *version_at;
    return prefixes[row].family;
}

enum family_id family_guess_of_file(const char *name, size_t len)
{
    int row = prefix_of(name, len);
    return row < 0 ? FAMILY_UNKNOWN : prefixes[row].guess;
}

const char *family_model(size_t i)
{
    size_t upgradable = 0;
    for (size_t m = 0; m < MODELS; m++)
        if (!models[m].refusal && upgradable++ == i)
            return models[m].model;
    return NULL;
}
