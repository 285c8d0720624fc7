#include "app/phones/model.h"

#include <stdio.h>
#include <string.h>

#include "config/text.h"

struct text {
    const char *at;
    size_t len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_alnum(char c)
{
    return is_digit(c) || (upper(c) >= 'A' && upper(c) <= 'Z');
}

/* Takes the lower-case `prefix` off the front, letter case aside. */
static bool take_prefix(struct text *text, const char *prefix)
{
    size_t len = strlen(prefix);
    if (text->len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (text_lower(text->at[i]) != prefix[i])
            return false;
    text->at += len;
    text->len -= len;
    return true;
}

/* What follows SPA: three or four digits, then up to three letters or digits. */
static bool is_number_part(const struct text *text)
{
    size_t digits = 0;
    while (digits < text->len && is_digit(text->at[digits]))
        digits++;
    if (digits < 3 || digits > 4 || text->len > digits + 3)
        return false;
    for (size_t i = digits; i < text->len; i++)
        if (!is_alnum(text->at[i]))
            return false;
    return true;
}

bool model_parse(const char *name, size_t len, char out[MODEL_TEXT_MAX])
{
    struct text text = {name, len};
    if (take_prefix(&text, "spa") && text.len > 0 && text.at[0] == '-')
        text.at++, text.len--;
    if (!is_number_part(&text))
        return false;
    char model[MODEL_TEXT_MAX] = "SPA";
    for (size_t i = 0; i < text.len; i++)
        model[3 + i] = upper(text.at[i]);
    memcpy(out, model, sizeof model);
    return true;
}

bool model_from_profile_name(const char *name, size_t len, char out[MODEL_TEXT_MAX])
{
    struct text text = {name, len};
    if (len < 4 || !take_prefix(&text, "spa"))
        return false;
    struct text end = {name + len - 4, 4};
    return take_prefix(&end, ".cfg") && model_parse(name, len - 4, out);
}

bool vendor_class_parse(const void *option, size_t len, struct vendor_class *out)
{
    struct text text = {option, len};
    struct vendor_class class = {.vendor = VENDOR_CISCO};
    if (take_prefix(&text, "linksys "))
        class.vendor = VENDOR_LINKSYS;
    else if (!take_prefix(&text, "cisco systems, inc. ip phone ") && !take_prefix(&text, "cisco "))
        return false;
    struct text spa = text;
    if (!take_prefix(&spa, "spa"))
        return false;
    while (text.len > 0 && (text.at[text.len - 1] == '\0' || text.at[text.len - 1] == ' '))
        text.len--;
    model_parse(text.at, text.len, class.model);
    *out = class;
    return true;
}

/* Sorted. The first ones of each vendor are those that provisioning systems list; those marked were
 * seen in User-Agents. */
static const uint32_t phone_oui[] = {
    0x0002fd,                                                                                 /* seen: SPA508G */
    0x000c41, 0x000e08, 0x000f66, 0x001217, 0x001310, 0x0014bf, 0x0016b6, 0x001839, 0x0018f8, /* Linksys */
    0x002699, 0x00da55, 0x00e16d, 0x10bd18, 0x503de5,                                         /* Cisco */
    0x58bfea,                                                                                 /* seen: SPA504G */
    0x649ef3,                                                                                 /* seen: SPA504G */
    0x8843e1,                                                                                 /* seen: SPA501G */
};

static bool is_builtin_oui(uint32_t oui)
{
    size_t low = 0, high = sizeof phone_oui / sizeof *phone_oui;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (phone_oui[middle] == oui)
            return true;
        if (phone_oui[middle] < oui)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static uint32_t oui_value(const uint8_t *b)
{
    return (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
}

bool oui_add(struct oui_list *list, const uint8_t prefix[3])
{
    if (list->count == OUI_EXTRA_MAX)
        return false;
    list->oui[list->count++] = oui_value(prefix);
    return true;
}

bool oui_is_phone(struct mac mac, const struct oui_list *extra)
{
    uint32_t oui = oui_value(mac.b);
    if (is_builtin_oui(oui))
        return true;
    for (size_t i = 0; extra && i < extra->count; i++)
        if (extra->oui[i] == oui)
            return true;
    return false;
}

static const char voice_menu[] =
    "It has no display: open its voice menu (on a SPA301 by lifting the handset and pressing ****, on a SPA501G "
    "by the Setup button), dial 73738# and confirm with 1; the admin password may be asked for.";
static const char setup_menu[] =
    "Press its Setup (menu) button, go to Factory Reset (often item 14), and confirm; the admin password may be "
    "asked for.";
static const char setup_525[] =
    "Press its Setup button, go to Device Administration, then Factory Reset, and confirm; the admin password "
    "may be asked for.";
static const char general_advice[] =
    "Look for Factory Reset in the phone's setup menu, or on a model without a display dial 73738# in its voice "
    "menu; the admin password may be asked for.";

static const struct {
    const char *model;
    const char *sentence;
} resets[] = {
    {"SPA301", voice_menu},  {"SPA501G", voice_menu}, {"SPA303", setup_menu},  {"SPA502G", setup_menu},
    {"SPA504G", setup_menu}, {"SPA508G", setup_menu}, {"SPA509G", setup_menu}, {"SPA512G", setup_menu},
    {"SPA514G", setup_menu}, {"SPA525G", setup_525},  {"SPA525G2", setup_525}, {"SPA922", setup_menu},
    {"SPA942", setup_menu},  {"SPA962", setup_menu},
};

const char *model_reset_sentence(const char *model)
{
    for (size_t i = 0; i < sizeof resets / sizeof *resets; i++)
        if (strcmp(resets[i].model, model) == 0)
            return resets[i].sentence;
    return general_advice;
}
