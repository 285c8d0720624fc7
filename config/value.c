#include "config/value.h"

#include <string.h>

#include "config/scan.h"
#include "config/text.h"

/* Enumerations are as small as the compiler likes, so the field's size decides. */
static void store(void *field, size_t size, uint32_t value)
{
    uint8_t byte = (uint8_t)value;
    uint16_t half = (uint16_t)value;
    const void *from = size == sizeof byte   ? (const void *)&byte
                       : size == sizeof half ? (const void *)&half
                                             : &value;
    memcpy(field, from, size);
}

static bool read_tri(const char *text, void *field, size_t size)
{
    bool yes = false;
    bool is_auto = text_same(text, "auto");
    if (!is_auto && !scan_bool(text, &yes))
        return false;
    store(field, size, is_auto ? SETTINGS_AUTO : yes ? SETTINGS_YES : SETTINGS_NO);
    return true;
}

static bool read_word(const struct schema_key *key, const char *text, void *field)
{
    for (uint32_t i = 0; key->words[i]; i++) {
        if (text_same(text, key->words[i])) {
            store(field, key->size, i);
            return true;
        }
    }
    return false;
}

static bool read_amount(const struct schema_key *key, const char *text, void *field)
{
    uint32_t value;
    bool sound = key->type == TYPE_DURATION ? scan_duration(text, &value) : scan_number(text, strlen(text), &value);
    if (!sound || value < key->min || value > key->max)
        return false;
    store(field, key->size, value);
    return true;
}

static bool read_path(const char *text, char *field, size_t size)
{
    if (!text_copy(field, size, text))
        return false;
    for (char *c = field; *c; c++)
        if (*c == '\\')
            *c = '/';
    return true;
}

static bool read_interface(const char *text, char *field, size_t size)
{
    return text[0] && !text[strcspn(text, " \t/")] && text_copy(field, size, text);
}

static bool read_hostname(const char *text, char *field, size_t size)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t len = strlen(text);
    return len > 0 && strspn(text, allowed) == len && text[0] != '-' && text[len - 1] != '-' &&
           text_copy(field, size, text);
}

static bool read_address(const char *text, ip4 *field)
{
    return ip4_parse(text, strlen(text), field);
}

static bool read_network(const char *text, struct settings_box *box)
{
    const char *slash = strchr(text, '/');
    ip4 address;
    uint32_t prefix;
    if (!slash || !ip4_parse(text, (size_t)(slash - text), &address) ||
        !scan_number(slash + 1, strlen(slash + 1), &prefix) || prefix < 1 || prefix > 30)
        return false;
    box->address = address;
    box->prefix = prefix;
    return true;
}

static bool read_range(const char *text, struct settings_range *range)
{
    const char *hyphen = strchr(text, '-');
    if (!hyphen)
        return false;
    size_t len = (size_t)(hyphen - text);
    while (len > 0 && text[len - 1] == ' ')
        len--;
    const char *second = hyphen + 1 + strspn(hyphen + 1, " ");
    struct settings_range value;
    if (!ip4_parse(text, len, &value.first) || !ip4_parse(second, strlen(second), &value.last))
        return false;
    *range = value;
    return true;
}

static bool read_option(const char *text, struct settings_option *option)
{
    struct settings_option value = {.mode = OPTION_LITERAL};
    if (text_same(text, "auto"))
        value.mode = OPTION_AUTO;
    else if (text_same(text, "off"))
        value.mode = OPTION_OFF;
    else if (!text[0] || !text_copy(value.text, sizeof value.text, text))
        return false;
    *option = value;
    return true;
}

static bool read_servers(const char *text, struct settings_servers *servers)
{
    struct settings_servers value = {.mode = OPTION_LITERAL};
    const char *item;
    size_t len;
    if (text_same(text, "auto"))
        value.mode = OPTION_AUTO;
    else if (text_same(text, "off"))
        value.mode = OPTION_OFF;
    else
        while (scan_item(&text, &item, &len)) {
            if (value.count == SETTINGS_SERVERS || !ip4_parse(item, len, &value.list[value.count]))
                return false;
            value.count++;
        }
    if (value.mode == OPTION_LITERAL && value.count == 0)
        return false;
    *servers = value;
    return true;
}

static bool read_digest(const char *text, struct settings_firmware *firmware)
{
    uint8_t digest[sizeof firmware->sha256];
    if (strlen(text) != 2 * sizeof digest || scan_hex(text, digest, sizeof digest) != sizeof digest)
        return false;
    memcpy(firmware->sha256, digest, sizeof digest);
    firmware->has_sha256 = true;
    return true;
}

static bool read_secrets(const char *text, struct settings_phones *phones)
{
    const char *item;
    size_t len;
    unsigned count = 0;
    for (const char *at = text; scan_item(&at, &item, &len); count++)
        if (count == SETTINGS_PASSWORDS || len >= sizeof phones->admin_password[0])
            return false;
    phones->password_count = 0;
    while (scan_item(&text, &item, &len))
        memcpy(phones->admin_password[phones->password_count++], item, len);
    return true;
}

static bool read_prefix(const char *item, size_t len, struct settings_oui *oui)
{
    char text[9];
    if ((len != 6 && len != 8) || len >= sizeof text)
        return false;
    memcpy(text, item, len);
    text[len] = '\0';
    return scan_hex(text, oui->b, sizeof oui->b) == sizeof oui->b;
}

static bool read_prefixes(const char *text, struct settings_phones *phones)
{
    struct settings_oui list[SETTINGS_OUIS] = {{{0}}};
    const char *item;
    size_t len;
    unsigned count = 0;
    while (scan_item(&text, &item, &len))
        if (count == SETTINGS_OUIS || !read_prefix(item, len, &list[count++]))
            return false;
    memcpy(phones->oui, list, sizeof list);
    phones->oui_count = count;
    return true;
}

static bool read_version(const char *text, char *field, size_t size)
{
    return text_copy(field, size, text_same(text, "newest") ? "newest" : text);
}

static bool read_full(const struct schema_key *key, const char *text, void *item)
{
    void *field = (char *)item + key->offset;
    switch (key->type) {
    case TYPE_BOOL:
        return scan_bool(text, field);
    case TYPE_TRI:
        return read_tri(text, field, key->size);
    case TYPE_WORD:
        return read_word(key, text, field);
    case TYPE_NUMBER:
    case TYPE_DURATION:
        return read_amount(key, text, field);
    case TYPE_TEXT:
        return text_copy(field, key->size, text);
    case TYPE_PATH:
        return read_path(text, field, key->size);
    case TYPE_VERSION:
        return read_version(text, field, key->size);
    case TYPE_INTERFACE:
        return read_interface(text, field, key->size);
    case TYPE_HOSTNAME:
        return read_hostname(text, field, key->size);
    case TYPE_ADDRESS:
        return read_address(text, field);
    case TYPE_NETWORK:
        return read_network(text, item);
    case TYPE_RANGE:
        return read_range(text, field);
    case TYPE_OPTION:
        return read_option(text, field);
    case TYPE_SERVERS:
        return read_servers(text, field);
    case TYPE_DIGEST:
        return read_digest(text, item);
    case TYPE_SECRETS:
        return read_secrets(text, item);
    case TYPE_PREFIXES:
        return read_prefixes(text, item);
    }
    return false;
}

bool value_read(const struct schema_key *key, const char *text, void *item)
{
    bool may_be_empty = key->preset[0] == '\0' || key->type == TYPE_PATH;
    if (text[0] == '\0')
        return may_be_empty && (key->type != TYPE_PATH || read_path(text, (char *)item + key->offset, key->size));
    return read_full(key, text, item);
}
