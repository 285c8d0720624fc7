#include "net/dns/mdns.h"

#include <stdio.h>
#include <string.h>

#include "net/dns/name.h"

#define HEAD 12
#define QUESTIONS_MAX 32 /* of a datagram; more are passed over */
#define FLUSH 0x8000     /* the record is the whole of its kind; in a question: answer me alone */

enum { TYPE_A = 1, TYPE_AAAA = 28, TYPE_NSEC = 47, TYPE_ANY = 255, CLASS_IN = 1, CLASS_ANY = 255 };

static unsigned two(const uint8_t *at)
{
    return (unsigned)(at[0] << 8 | at[1]);
}

static uint32_t four(const uint8_t *at)
{
    return (uint32_t)two(at) << 16 | two(at + 2);
}

static uint8_t *put2(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static uint8_t *put4(uint8_t *at, uint32_t value)
{
    return put2(put2(at, value >> 16), value & 0xffff);
}

bool mdns_init(struct mdns *mdns, ip4 address, const char *name)
{
    size_t len = strlen(name);
    memset(mdns, 0, sizeof *mdns);
    if (len == 0 || len > 63 || name[0] == '-' || name[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = dns_lower(name[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
        mdns->name[i] = c;
    }
    memcpy(mdns->name + len, ".local", sizeof ".local");
    mdns->address = address;
    return true;
}

/* -- answers ---------------------------------------------------------------------------------------------- */

/* Type, class, life and length behind a name. */
static uint8_t *put_record(uint8_t *at, unsigned type, unsigned class, uint32_t ttl, unsigned size)
{
    return put2(put4(put2(put2(at, type), class), ttl), size);
}

static uint8_t *put_a(const struct mdns *mdns, uint8_t *at, unsigned class, uint32_t ttl)
{
    return put4(put_record(at, TYPE_A, class, ttl, 4), mdns->address);
}

/* There is an A and nothing else (RFC 6762 section 6.1). `name`: where the name stands in the packet. */
static uint8_t *put_nsec(uint8_t *at, unsigned name, unsigned class, uint32_t ttl)
{
    at = put_record(at, TYPE_NSEC, class, ttl, 5);
    at = put2(put2(at, 0xc000 | name), 1); /* the first window, one byte of it: */
    *at = 0x40;                            /* type 1 */
    return at + 1;
}

static uint8_t *put_head(uint8_t *out, unsigned id, unsigned questions, unsigned answers, unsigned more)
{
    return put2(put2(put2(put2(put2(put2(out, id), 0x8400), questions), answers), 0), more);
}

/* The name, its address, and that there is no more. */
static size_t answer_all(const struct mdns *mdns, uint32_t ttl, uint8_t *out)
{
    uint8_t *at = put_head(out, 0, 0, 1, 1);
    at += dns_name_write(at, mdns->name);
    at = put_a(mdns, at, FLUSH | CLASS_IN, ttl);
    at = put2(at, 0xc000 | HEAD);
    return (size_t)(put_nsec(at, HEAD, FLUSH | CLASS_IN, ttl) - out);
}

/* A resolver that knows nothing of mDNS: its question and id back, and a short life (section 6.7). */
static size_t answer_legacy(const struct mdns *mdns, unsigned id, unsigned type, uint8_t *out)
{
    bool a = type != TYPE_AAAA;
    uint8_t *at = put_head(out, id, 1, a ? 1 : 0, 0);
    at += dns_name_write(at, mdns->name);
    at = put2(put2(at, type), CLASS_IN);
    if (!a)
        return (size_t)(at - out);
    at = put2(at, 0xc000 | HEAD);
    return (size_t)(put_a(mdns, at, CLASS_IN, MDNS_LEGACY_TTL_S) - out);
}

size_t mdns_announce(const struct mdns *mdns, bool goes, uint8_t *out, size_t cap)
{
    return cap >= DNS_REPLY_MAX ? answer_all(mdns, goes ? 0 : MDNS_TTL_S, out) : 0;
}

/* -- questions ------------------------------------------------------------------------------------------- */

struct asked {
    unsigned count; /* questions for our name */
    unsigned type;  /* of the first of them */
    bool unicast;   /* each of them asked for that */
};

/* One question: its length with type and class; 0 where it is cut. */
static size_t read_question(const struct mdns *mdns, const uint8_t *packet, size_t len, size_t at,
                            struct asked *asked)
{
    char text[DNS_ASKED_MAX], lower[DNS_NAME_MAX];
    size_t size = dns_name_skip(packet, len, at);
    if (size == 0 || len - at < size + 4)
        return 0;
    unsigned type = two(packet + at + size), class = two(packet + at + size + 2);
    bool wanted = type == TYPE_A || type == TYPE_AAAA || type == TYPE_ANY;
    bool in = (class & ~(unsigned)FLUSH) == CLASS_IN || (class & ~(unsigned)FLUSH) == CLASS_ANY;
    if (wanted && in && dns_name_read(packet, len, at, text, lower) && strcmp(lower, mdns->name) == 0) {
        if (asked->count++ == 0)
            asked->type = type;
        asked->unicast = (asked->count == 1 || asked->unicast) && (class & FLUSH) != 0;
    }
    return size + 4;
}

/* The asker knows our address, and will for a while (section 7.1). */
static bool is_known(const struct mdns *mdns, const uint8_t *packet, size_t len, size_t at, unsigned answers)
{
    for (; answers > 0; answers--) {
        size_t name = dns_name_skip(packet, len, at);
        if (name == 0 || len - at < name + 10)
            return false;
        const uint8_t *record = packet + at + name;
        size_t size = two(record + 8);
        if (size > len - at - name - 10)
            return false;
        if (two(record) == TYPE_A && size == 4 && four(record + 10) == mdns->address &&
            four(record + 4) >= MDNS_TTL_S / 2)
            return true;
        at += name + 10 + size;
    }
    return false;
}

size_t mdns_answer(const struct mdns *mdns, const uint8_t *query, size_t len, uint16_t from_port, uint8_t *out,
                   size_t cap, bool *unicast)
{
    struct asked asked = {0};
    if (len < HEAD || cap < DNS_REPLY_MAX || !mdns->name[0] || (query[2] & 0xf8) != 0) /* a response, or no query */
        return 0;
    unsigned questions = two(query + 4);
    size_t at = HEAD;
    for (unsigned i = 0; i < questions && i < QUESTIONS_MAX; i++) {
        size_t size = read_question(mdns, query, len, at, &asked);
        if (size == 0)
            return 0;
        at += size;
    }
    if (asked.count == 0)
        return 0;
    *unicast = asked.unicast || from_port != MDNS_PORT;
    if (from_port != MDNS_PORT)
        return answer_legacy(mdns, two(query), asked.type, out);
    if (questions <= QUESTIONS_MAX && asked.type == TYPE_A && is_known(mdns, query, len, at, two(query + 6)))
        return 0;
    return answer_all(mdns, MDNS_TTL_S, out);
}
