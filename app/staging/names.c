#include "app/staging/core.h"

#include <string.h>

void name_last_part(const char *path, size_t len, const char **name, size_t *name_len)
{
    size_t at = len;
    while (at > 0 && path[at - 1] != '/' && path[at - 1] != '\\')
        at--;
    *name = path + at;
    *name_len = len - at;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins(const char *name, size_t len, const char *with)
{
    size_t n = strlen(with);
    if (len < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(name[i]) != with[i])
            return false;
    return true;
}

static bool ends(const char *name, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && begins(name + len - n, n, with);
}

/* <mac>.cfg, <mac>.xml, spa<mac>.cfg, spa<mac>.xml; the MAC in twelve hex digits. */
static bool mac_name(const char *name, size_t len, struct mac *mac)
{
    if (!ends(name, len, ".cfg") && !ends(name, len, ".xml"))
        return false;
    size_t skip = begins(name, len, "spa") ? 3 : 0;
    return len == skip + 12 + 4 && mac_parse(name + skip, 12, mac);
}

/* spa<model>.cfg: `spa`, then letters, digits and hyphens. */
static bool model_name(const char *name, size_t len)
{
    char model[MODEL_TEXT_MAX];
    return begins(name, len, "spa") && ends(name, len, ".cfg") &&
           (len == strlen("spa.cfg") || model_from_profile_name(name, len, model));
}

static bool never(const char *name, size_t len)
{
    static const char *const prefixes[] = {"xmldefault", "sep", "ctlsep"};
    static const char *const suffixes[] = {".tlv", ".bmp", ".png", ".jpg", ".wav", ".dat", ".bin"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (begins(name, len, prefixes[i]))
            return true;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends(name, len, suffixes[i]))
            return true;
    return false;
}

enum name_kind name_classify(const char *name, size_t len, bool *has_mac, struct mac *mac)
{
    *has_mac = mac_name(name, len, mac);
    if (*has_mac || model_name(name, len))
        return NAME_PROFILE;
    if (len == strlen("spa.bin") && begins(name, len, "spa.bin"))
        return NAME_SPA_BIN;
    return never(name, len) ? NAME_NEVER : NAME_OTHER;
}
