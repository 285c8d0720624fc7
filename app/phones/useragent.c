#include "app/phones/useragent.h"

#include <string.h>

#include "config/text.h"

struct reader {
    const char *at;
    const char *end;
};

struct slice {
    const char *at;
    size_t len;
};

static bool take_word(struct reader *in, const char *lower)
{
    size_t len = strlen(lower);
    if ((size_t)(in->end - in->at) < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (text_lower(in->at[i]) != lower[i])
            return false;
    in->at += len;
    return true;
}

static bool is_word(char c)
{
    char lower = text_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool take_vendor(struct reader *in, enum vendor *out)
{
    if (take_word(in, "cisco/"))
        *out = VENDOR_CISCO;
    else if (take_word(in, "linksys/"))
        *out = VENDOR_LINKSYS;
    else
        return false;
    return true;
}

/* The model ends at the hyphen before the version; the one right after SPA is its own. */
static bool take_model(struct reader *in, char out[MODEL_TEXT_MAX])
{
    const char *start = in->at;
    if (!take_word(in, "spa"))
        return false;
    if (in->at < in->end && *in->at == '-')
        in->at++;
    while (in->at < in->end && *in->at != '-' && *in->at != ' ')
        in->at++;
    return model_parse(start, (size_t)(in->at - start), out);
}

static void take_version(struct reader *in, struct version *out)
{
    if (in->at == in->end || *in->at != '-')
        return;
    const char *start = ++in->at;
    while (in->at < in->end && *in->at != ' ')
        in->at++;
    version_parse(start, (size_t)(in->at - start), out);
}

/* "(58BFEA1104E6)": its inside. Leaves the reader where it is if there is no bracket of word
 * characters. */
static bool take_bracket(struct reader *in, struct slice *out)
{
    const char *at = in->at;
    if (at == in->end || *at != '(')
        return false;
    const char *start = ++at;
    while (at < in->end && is_word(*at))
        at++;
    if (at == in->end || *at != ')')
        return false;
    *out = (struct slice){start, (size_t)(at - start)};
    in->at = at + 1;
    return true;
}

static bool read_mac(const struct slice *text, struct mac *out)
{
    struct mac mac;
    if (text->len != 12 || !mac_parse(text->at, text->len, &mac) || mac_is_zero(mac) || (mac.b[0] & 1) != 0)
        return false;
    *out = mac;
    return true;
}

static void read_serial(const struct slice *text, char out[SERIAL_TEXT_MAX])
{
    if (text->len >= SERIAL_TEXT_MAX)
        return;
    for (size_t i = 0; i < text->len; i++) {
        char c = text->at[i];
        out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
}

static void read_identity(struct reader *in, struct useragent *agent)
{
    struct slice first, second;
    if (!take_bracket(in, &first))
        return;
    if (take_bracket(in, &second)) {
        agent->has_mac = read_mac(&first, &agent->mac);
        read_serial(&second, agent->serial);
    } else if (read_mac(&first, &agent->mac) && oui_is_phone(agent->mac, NULL)) {
        agent->has_mac = true;
    } else {
        agent->mac = (struct mac){{0}};
        read_serial(&first, agent->serial);
    }
}

bool useragent_parse(const char *text, size_t len, struct useragent *out)
{
    struct useragent agent = {.vendor = VENDOR_UNKNOWN};
    struct reader in = {text, text + len};
    if (!take_vendor(&in, &agent.vendor) || !take_model(&in, agent.model))
        return false;
    take_version(&in, &agent.version);
    while (in.at < in.end && *in.at == ' ')
        in.at++;
    read_identity(&in, &agent);
    *out = agent;
    return true;
}
