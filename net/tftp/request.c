#include "net/tftp/request.h"

#include <string.h>

/* A NUL-terminated field of the packet. */
struct field {
    const char *p;
    size_t len;
};

struct reader {
    const char *at;
    size_t left;
};

static bool next_field(struct reader *in, struct field *out)
{
    const char *end = in->left > 0 ? memchr(in->at, 0, in->left) : NULL;
    if (end == NULL)
        return false;
    out->p = in->at;
    out->len = (size_t)(end - in->at);
    in->at += out->len + 1;
    in->left -= out->len + 1;
    return true;
}

static bool equals_nocase(struct field f, const char *lower)
{
    if (f.len != strlen(lower))
        return false;
    for (size_t i = 0; i < f.len; i++) {
        char c = f.p[i] >= 'A' && f.p[i] <= 'Z' ? (char)(f.p[i] + 'a' - 'A') : f.p[i];
        if (c != lower[i])
            return false;
    }
    return true;
}

static bool number(struct field f, uint64_t *out)
{
    uint64_t value = 0;
    if (f.len == 0)
        return false;
    for (size_t i = 0; i < f.len; i++) {
        if (f.p[i] < '0' || f.p[i] > '9' || value > (UINT64_MAX - 9) / 10)
            return false;
        value = value * 10 + (uint64_t)(f.p[i] - '0');
    }
    *out = value;
    return true;
}

static const struct {
    const char *name;
    uint64_t min, max;
} known[TFTP_OPTION_COUNT] = {
    [TFTP_BLKSIZE] = {"blksize", 8, 65464},
    [TFTP_TIMEOUT] = {"timeout", 1, 255},
    [TFTP_TSIZE] = {"tsize", 0, UINT64_MAX},
    [TFTP_WINDOWSIZE] = {"windowsize", 1, 65535},
};

static bool already_asked(const struct tftp_request *req, unsigned option)
{
    for (unsigned i = 0; i < req->asked_count; i++)
        if ((unsigned)req->asked[i].option == option)
            return true;
    return false;
}

static void take_option(struct tftp_request *req, struct field name, struct field value)
{
    for (unsigned o = 0; o < TFTP_OPTION_COUNT; o++) {
        if (!equals_nocase(name, known[o].name))
            continue;
        uint64_t v;
        if (already_asked(req, o) || !number(value, &v) || v < known[o].min || v > known[o].max)
            return;
        struct tftp_asked *asked = &req->asked[req->asked_count++];
        asked->option = (enum tftp_option)o;
        asked->name = name.p;
        asked->name_len = (uint8_t)name.len;
        asked->value = v;
        return;
    }
}

enum tftp_request_result tftp_request_parse(const uint8_t *pkt, size_t len, struct tftp_request *out)
{
    enum tftp_op op = tftp_opcode(pkt, len);
    if (op != TFTP_RRQ && op != TFTP_WRQ)
        return TFTP_REQUEST_E_OTHER;
    memset(out, 0, sizeof *out);
    struct reader in = {(const char *)pkt + 2, len - 2};
    struct field name, mode, option, value;
    if (!next_field(&in, &name))
        return TFTP_REQUEST_E_NAME;
    out->name = name.p;
    out->name_len = name.len;
    if (!next_field(&in, &mode))
        return TFTP_REQUEST_E_MODE;
    if (equals_nocase(mode, "mail"))
        return TFTP_REQUEST_E_MAIL;
    if (equals_nocase(mode, "netascii"))
        out->mode = TFTP_NETASCII;
    else if (!equals_nocase(mode, "octet"))
        return TFTP_REQUEST_E_MODE;
    while (next_field(&in, &option) && next_field(&in, &value))
        take_option(out, option, value);
    return op == TFTP_WRQ ? TFTP_REQUEST_WRITE : TFTP_REQUEST_READ;
}

size_t tftp_request_refusal(enum tftp_request_result result, uint8_t out[TFTP_ERROR_MAX])
{
    switch (result) {
    case TFTP_REQUEST_READ:
    case TFTP_REQUEST_E_OTHER:
        return 0;
    case TFTP_REQUEST_WRITE:
        return tftp_error_build(out, TFTP_ERR_ACCESS, "this server is read only");
    case TFTP_REQUEST_E_NAME:
        return tftp_error_build(out, TFTP_ERR_ILLEGAL, "file name is cut");
    case TFTP_REQUEST_E_MODE:
        return tftp_error_build(out, TFTP_ERR_ILLEGAL, "mode must be octet or netascii");
    case TFTP_REQUEST_E_MAIL:
        return tftp_error_build(out, TFTP_ERR_ILLEGAL, "mode mail is not served");
    }
    return 0;
}
