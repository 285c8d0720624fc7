#include <stdio.h>

#include "config/scan.h"
#include "config/value.h"

static const char *words(const struct schema_key *key, char *out)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; key->words[i] && len < VALUE_WANTED_MAX; i++) {
        const char *between = i == 0 ? "" : key->words[i + 1] ? ", " : " or ";
        len += (size_t)snprintf(out + len, VALUE_WANTED_MAX - len, "%s%s", between, key->words[i]);
    }
    return out;
}

static const char *duration(const struct schema_key *key, char *out)
{
    char from[SCAN_DURATION_MAX], to[SCAN_DURATION_MAX];
    snprintf(out, VALUE_WANTED_MAX, "a duration from %s to %s, such as %s", scan_duration_text(key->min, from),
             scan_duration_text(key->max, to), key->preset);
    return out;
}

static const char *number(const struct schema_key *key, char *out)
{
    snprintf(out, VALUE_WANTED_MAX, "a number from %lu to %lu", (unsigned long)key->min, (unsigned long)key->max);
    return out;
}

/* A line has no room for more than the long fields hold, so their length need not be told. */
static const char *text(const struct schema_key *key, char *out)
{
    if (key->size >= SETTINGS_TEXT_MAX)
        return "a text";
    snprintf(out, VALUE_WANTED_MAX, "a text of at most %zu characters", (size_t)key->size - 1);
    return out;
}

static const char *at_most(const char *format, int count, char *out) __attribute__((format(printf, 1, 0)));

static const char *at_most(const char *format, int count, char *out)
{
    snprintf(out, VALUE_WANTED_MAX, format, count);
    return out;
}

const char *value_wanted(const struct schema_key *key, char out[VALUE_WANTED_MAX])
{
    if (key->words && key->type != TYPE_WORD)
        return key->words[0];
    switch (key->type) {
    case TYPE_BOOL:
        return "yes or no";
    case TYPE_TRI:
        return "auto, yes or no";
    case TYPE_WORD:
        return words(key, out);
    case TYPE_NUMBER:
        return number(key, out);
    case TYPE_DURATION:
        return duration(key, out);
    case TYPE_TEXT:
        return text(key, out);
    case TYPE_PATH:
        return "a path";
    case TYPE_VERSION:
        return "a version, such as 7.5.2b";
    case TYPE_INTERFACE:
        return "the name of a network interface, such as eth0";
    case TYPE_HOSTNAME:
        return "letters, digits and hyphens, at most 63";
    case TYPE_ADDRESS:
        return "an address, such as 192.168.10.1";
    case TYPE_NETWORK:
        return "an address with its prefix length (1 to 30), such as 192.168.10.10/24";
    case TYPE_RANGE:
        return "two addresses with a hyphen between, such as 192.168.10.50-192.168.10.250";
    case TYPE_OPTION:
        return "auto, off or a text";
    case TYPE_SERVERS:
        return at_most("auto, off or up to %d addresses with commas between", SETTINGS_SERVERS, out);
    case TYPE_DIGEST:
        return "64 hexadecimal digits";
    case TYPE_SECRETS:
        return at_most("up to %d passwords with commas between", SETTINGS_PASSWORDS, out);
    case TYPE_PREFIXES:
        return at_most("up to %d MAC prefixes such as 58:bf:ea, with commas between", SETTINGS_OUIS, out);
    }
    return "";
}
