#include "net/tls/identity.h"

#include <string.h>

/* The MAC that the text begins with, in whatever spelling, up to a comma or its end. */
static bool read_mac(const char *text, size_t len, struct mac *out)
{
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    size_t end = 0;
    while (end < len && text[end] != ',' && text[end] != ' ' && text[end] != '/')
        end++;
    return end > 0 && mac_parse(text, end, out) && !mac_is_zero(*out);
}

static bool in_common_name(const char *text, size_t len, struct mac *out)
{
    static const char mark[] = "MAC:";
    size_t size = sizeof mark - 1;
    for (size_t i = 0; i + size <= len; i++)
        if (memcmp(text + i, mark, size) == 0)
            return read_mac(text + i + size, len - i - size, out);
    return false;
}

bool tls_identity(const char *common_name, size_t cn_len, const char *state, size_t st_len, struct mac *out)
{
    struct mac from_cn, from_st;
    bool has_cn = in_common_name(common_name, cn_len, &from_cn);
    bool has_st = read_mac(state, st_len, &from_st);
    if (!has_cn && !has_st)
        return false;
    if (has_cn && has_st && !mac_equal(from_cn, from_st))
        return false;
    *out = has_cn ? from_cn : from_st;
    return true;
}
