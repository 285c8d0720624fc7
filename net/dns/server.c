#include "net/dns/server.h"

#include <string.h>

#include "net/dns/name.h"

enum { HEADER = 12, TYPE_A = 1, TYPE_PTR = 12, TYPE_OPT = 41, TYPE_ANY = 255, CLASS_IN = 1, CLASS_ANY = 255 };

/* RFC 1035 4.1.1; BADVERS is RFC 6891 9 and needs an OPT record to be told in. */
enum rcode { NOERROR = 0, FORMERR = 1, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5, BADVERS = 16 };

#define FLAG_QR 0x8000u
#define FLAG_AA 0x0400u
#define FLAG_RD 0x0100u
#define FLAG_RA 0x0080u
#define FLAG_CD 0x0010u
#define OPCODE 0x7800u
#define EDNS_DO 0x8000u
#define EDNS_SIZE 1232 /* bytes of a query that certainly arrive; ours are never longer than 512 */

struct query {
    const uint8_t *packet;
    size_t len;
    size_t question; /* length of the question behind the header, 0: none to echo */
    uint16_t type;
    uint16_t class;
    char lower[DNS_NAME_MAX];
    bool edns;
    bool dnssec_ok;
};

struct reply {
    uint8_t *out;
    size_t len;
    uint16_t answers;
    bool authoritative;
};

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(struct reply *reply, unsigned value)
{
    reply->out[reply->len++] = (uint8_t)(value >> 8);
    reply->out[reply->len++] = (uint8_t)value;
}

static void put32(struct reply *reply, uint32_t value)
{
    put16(reply, value >> 16);
    put16(reply, value & 0xffff);
}

/* -- the query ----------------------------------------------------------------------------- */

static bool read_question(struct query *query, struct dns_asked *asked)
{
    size_t name = dns_name_read(query->packet, query->len, HEADER, asked->name, query->lower);
    if (name == 0 || query->len - HEADER - name < 4) {
        asked->name[0] = '\0';
        return false;
    }
    query->question = name + 4;
    query->type = get16(query->packet + HEADER + name);
    query->class = get16(query->packet + HEADER + name + 2);
    asked->type = query->type;
    return true;
}

/* One record of the sections behind the question: its length, 0 where it runs past the end. */
static size_t record_length(const struct query *query, size_t at, size_t *name)
{
    *name = dns_name_skip(query->packet, query->len, at);
    if (*name == 0 || query->len - at - *name < 10)
        return 0;
    size_t data = get16(query->packet + at + *name + 8);
    return query->len - at - *name - 10 < data ? 0 : *name + 10 + data;
}

static enum rcode read_opt(struct query *query, size_t at, size_t name)
{
    const uint8_t *record = query->packet + at + name;
    if (query->edns || name != 1)
        return FORMERR;
    query->edns = true;
    query->dnssec_ok = get16(record + 6) & EDNS_DO;
    return record[5] == 0 ? NOERROR : BADVERS;
}

/* Looks through the other sections for OPT (RFC 6891 6.1.1: at most one, with the root's name). */
static enum rcode read_records(struct query *query)
{
    const uint8_t *counts = query->packet + 6;
    size_t left = (size_t)get16(counts) + get16(counts + 2) + get16(counts + 4);
    size_t at = HEADER + query->question;
    enum rcode rcode = NOERROR;
    for (; left > 0; left--) {
        size_t name;
        size_t size = record_length(query, at, &name);
        if (size == 0)
            return FORMERR;
        if (get16(query->packet + at + name) == TYPE_OPT && rcode == NOERROR)
            rcode = read_opt(query, at, name);
        at += size;
    }
    return rcode;
}

static enum rcode read_query(struct query *query, struct dns_asked *asked)
{
    if (get16(query->packet + 2) & OPCODE)
        return NOTIMP;
    if (get16(query->packet + 4) != 1 || !read_question(query, asked))
        return FORMERR;
    enum rcode rcode = read_records(query);
    if (rcode == NOERROR && query->class != CLASS_IN && query->class != CLASS_ANY)
        return REFUSED;
    return rcode;
}

/* -- the answer ---------------------------------------------------------------------------- */

/* Name (the question's, by pointer), type, class and time to live of a record. */
static void put_record(struct reply *reply, unsigned type)
{
    put16(reply, 0xc000 | HEADER);
    put16(reply, type);
    put16(reply, CLASS_IN);
    put32(reply, DNS_TTL_S);
    reply->answers++;
}

static void put_address(struct reply *reply, ip4 address)
{
    put_record(reply, TYPE_A);
    put16(reply, 4);
    put32(reply, address);
}

static void put_name(struct reply *reply, const char *name)
{
    put_record(reply, TYPE_PTR);
    put16(reply, (unsigned)strlen(name) + 2);
    reply->len += dns_name_write(reply->out + reply->len, name);
}

/* "10.10.168.192.in-addr.arpa" */
static bool is_reverse(const char *name, ip4 address)
{
    char text[IP4_TEXT_MAX];
    ip4 turned = address << 24 | (address & 0xff00) << 8 | (address >> 8 & 0xff00) | address >> 24;
    size_t len = strlen(ip4_format(turned, text));
    return strncmp(name, text, len) == 0 && strcmp(name + len, ".in-addr.arpa") == 0;
}

static enum dns_found find(const struct dns_server *server, const struct query *query, struct reply *reply)
{
    bool wants_address = query->type == TYPE_A || query->type == TYPE_ANY;
    bool wants_name = query->type == TYPE_PTR || query->type == TYPE_ANY;
    bool named = server->count > 0 && server->name[0][0] != '*';
    if (named && is_reverse(query->lower, server->address)) {
        if (wants_name)
            put_name(reply, server->name[0]);
        return DNS_FOUND_OWN;
    }
    bool own = query->lower[0] && dns_names_have(server, query->lower);
    if (!own && !server->capture)
        return DNS_FOUND_NOTHING;
    if (wants_address)
        put_address(reply, server->address);
    return own ? DNS_FOUND_OWN : DNS_FOUND_CAPTURED;
}

static void put_opt(struct reply *reply, const struct query *query, enum rcode rcode)
{
    reply->out[reply->len++] = 0;
    put16(reply, TYPE_OPT);
    put16(reply, EDNS_SIZE);
    put32(reply, (uint32_t)rcode >> 4 << 24 | (query->dnssec_ok ? EDNS_DO : 0));
    put16(reply, 0);
}

static void put_header(struct reply *reply, const struct query *query, enum rcode rcode)
{
    unsigned asked = get16(query->packet + 2);
    unsigned flags = FLAG_QR | FLAG_RA | (asked & (OPCODE | FLAG_RD | FLAG_CD)) | ((unsigned)rcode & 15);
    struct reply header = {.out = reply->out};
    put16(&header, get16(query->packet));
    put16(&header, flags | (reply->authoritative ? FLAG_AA : 0));
    put16(&header, query->question ? 1 : 0);
    put16(&header, reply->answers);
    put16(&header, 0);
    put16(&header, query->edns ? 1 : 0);
}

size_t dns_server_answer(const struct dns_server *server, const uint8_t *packet, size_t len, uint8_t *out,
                         size_t cap, struct dns_asked *asked)
{
    asked->name[0] = '\0';
    asked->type = 0;
    asked->found = DNS_FOUND_ERROR;
    if (len < HEADER || get16(packet + 2) & FLAG_QR || cap < DNS_REPLY_MAX)
        return 0;
    struct query query = {.packet = packet, .len = len};
    struct reply reply = {.out = out, .len = HEADER};
    enum rcode rcode = read_query(&query, asked);
    memcpy(out + HEADER, packet + HEADER, query.question);
    reply.len += query.question;
    if (rcode == NOERROR) {
        asked->found = find(server, &query, &reply);
        rcode = asked->found == DNS_FOUND_NOTHING ? NXDOMAIN : NOERROR;
        reply.authoritative = true;
    }
    if (query.edns)
        put_opt(&reply, &query, rcode);
    put_header(&reply, &query, rcode);
    return reply.len;
}
