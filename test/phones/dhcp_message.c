#include "dhcp_message.h"

#include "mem.h"

#include <string.h>

enum { COOKIE = 236, OPTIONS = 240, SNAME = 44, SNAME_LEN = 64, FILE_AT = 108, FILE_LEN = 128 };
static const uint8_t cookie[4] = {99, 130, 83, 99};

struct joined {
    uint8_t data[DHCP_URL_SIZE];
    size_t len;
};

/* Joins every piece of option `code` in one field. False: broken. */
static bool join_in(const uint8_t *p, size_t len, uint8_t code, struct joined *out)
{
    for (size_t i = 0; i < len;) {
        if (p[i] == 255)
            return true;
        if (p[i] == 0) {
            i++;
            continue;
        }
        if (i + 2 > len || p[i + 1] > len - i - 2)
            return false;
        size_t n = p[i + 1];
        if (p[i] == code && out->len + n < sizeof out->data) {
            memcpy(out->data + out->len, p + i + 2, n);
            out->len += n;
        }
        i += 2 + n;
    }
    return true;
}

static bool find_option(const uint8_t *m, size_t len, uint8_t overload, uint8_t code, struct joined *out)
{
    out->len = 0;
    bool fine = join_in(m + OPTIONS, len - OPTIONS, code, out);
    if (overload & 1)
        fine = join_in(m + FILE_AT, FILE_LEN, code, out) && fine;
    if (overload & 2)
        fine = join_in(m + SNAME, SNAME_LEN, code, out) && fine;
    out->data[out->len] = 0;
    return fine;
}

static uint32_t first_number(const struct joined *o)
{
    return o->len >= 4 ? get32(o->data) : 0;
}

static void take_option(const struct joined *o, uint8_t code, struct dhcp_reply *r)
{
    const char *text = (const char *)o->data;
    switch (code) {
    case 1: r->mask = first_number(o); break;
    case 3: r->router = first_number(o); break;
    case 6: r->dns = first_number(o); break;
    case 42: r->ntp = first_number(o); break;
    case 51: r->lease_s = first_number(o); break;
    case 53: r->type = o->len == 1 ? (enum dhcp_type)o->data[0] : 0; break;
    case 54: r->server = first_number(o); break;
    case 58: r->t1_s = first_number(o); break;
    case 59: r->t2_s = first_number(o); break;
    case 66: text_copy(r->option66, sizeof r->option66, text); break;
    case 159: text_copy(r->option159, sizeof r->option159, text); break;
    case 160: text_copy(r->option160, sizeof r->option160, text); break;
    case 150:
        for (size_t i = 0; i + 1 < DHCP_LIST_SIZE && i * 4 + 4 <= o->len; i++)
            r->option150[i] = get32(o->data + i * 4);
        break;
    default: break;
    }
}

bool dhcp_read(const uint8_t *m, size_t len, struct dhcp_reply *out)
{
    static const uint8_t codes[] = {1, 3, 6, 42, 51, 53, 54, 58, 59, 66, 150, 159, 160};
    struct joined o;
    *out = (struct dhcp_reply){0};
    if (len < OPTIONS || m[0] != 2 || memcmp(m + COOKIE, cookie, 4) != 0)
        return false;
    out->xid = get32(m + 4);
    out->yiaddr = get32(m + 16);
    out->siaddr = get32(m + 20);
    if (!find_option(m, len, 0, 52, &o))
        return false;
    uint8_t overload = o.len == 1 ? o.data[0] : 0;
    for (size_t i = 0; i < sizeof codes; i++) {
        if (!find_option(m, len, overload, codes[i], &o))
            return false;
        if (o.len > 0)
            take_option(&o, codes[i], out);
    }
    return out->type != 0;
}

static uint8_t *put_option(uint8_t *at, uint8_t code, const void *data, size_t len)
{
    if (len == 0 || len > 255)
        return at;
    *at++ = code;
    *at++ = (uint8_t)len;
    memcpy(at, data, len);
    return at + len;
}

static uint8_t *put_address(uint8_t *at, uint8_t code, uint32_t ip)
{
    uint8_t bytes[4];
    put32(bytes, ip);
    return ip == 0 ? at : put_option(at, code, bytes, 4);
}

size_t dhcp_write(const struct dhcp_request *r, uint8_t *out)
{
    const uint8_t type = (uint8_t)r->type;
    const uint8_t max_size[2] = {576 >> 8, 576 & 255};
    bool asks = type == DHCP_DISCOVER || type == DHCP_REQUEST || type == DHCP_INFORM;
    memset(out, 0, 576);
    out[0] = 1;
    out[1] = 1;
    out[2] = 6;
    put32(out + 4, r->xid);
    put16(out + 8, r->secs);
    put16(out + 10, r->broadcast ? 0x8000 : 0);
    put32(out + 12, r->ciaddr);
    memcpy(out + 28, r->mac.b, 6);
    memcpy(out + COOKIE, cookie, 4);
    uint8_t *at = put_option(out + OPTIONS, 53, &type, 1);
    at = put_option(at, 61, r->client_id, r->client_id_len);
    at = put_address(at, 50, r->requested);
    at = put_address(at, 54, r->server);
    if (asks) {
        at = put_option(at, 57, max_size, 2);
        at = put_option(at, 60, r->vendor_class, strlen(r->vendor_class));
        at = put_option(at, 12, r->host_name, strlen(r->host_name));
        at = put_option(at, 55, r->wanted, r->wanted_len);
    }
    *at++ = 255;
    size_t len = (size_t)(at - out);
    return len < 300 ? 300 : len;
}
