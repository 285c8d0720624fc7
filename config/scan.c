#include "config/scan.h"

#include <stdio.h>
#include <string.h>

#include "config/text.h"

static const struct {
    char letter;
    uint32_t seconds;
} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define UNITS (sizeof units / sizeof units[0])

bool scan_bool(const char *text, bool *out)
{
    static const char *const words[] = {"no", "off", "false", "yes", "on", "true"};
    for (size_t i = 0; i < 6; i++) {
        if (text_same(text, words[i])) {
            *out = i >= 3;
            return true;
        }
    }
    return false;
}

bool scan_number(const char *text, size_t len, uint32_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || value > UINT32_MAX)
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    if (len == 0 || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool scan_duration(const char *text, uint32_t *seconds)
{
    size_t len = strlen(text);
    uint32_t count;
    if (len < 2 || !scan_number(text, len - 1, &count))
        return false;
    for (size_t i = 0; i < UNITS; i++) {
        if (text_lower(text[len - 1]) != units[i].letter || count > UINT32_MAX / units[i].seconds)
            continue;
        *seconds = count * units[i].seconds;
        return true;
    }
    return false;
}

const char *scan_duration_text(uint32_t seconds, char out[SCAN_DURATION_MAX])
{
    size_t unit = 0;
    while (seconds % units[unit].seconds != 0 || (seconds == 0 && unit < UNITS - 1))
        unit++;
    snprintf(out, SCAN_DURATION_MAX, "%lu%c", (unsigned long)(seconds / units[unit].seconds), units[unit].letter);
    return out;
}

static int hex_digit(char c)
{
    c = text_lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t scan_hex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;
    while (*text) {
        if (len > 0 && strchr(" :-", *text))
            text++;
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || len == cap)
            return 0;
        out[len++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return len;
}

bool scan_item(const char **list, const char **item, size_t *len)
{
    *list += strspn(*list, ", \t");
    *item = *list;
    *len = strcspn(*list, ",");
    *list += *len;
    while (*len > 0 && ((*item)[*len - 1] == ' ' || (*item)[*len - 1] == '\t'))
        (*len)--;
    return *len > 0;
}
