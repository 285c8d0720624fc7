#include "app/services/dhcp_record.h"

#include <string.h>

#include "app/record/encode.h"

size_t dhcp_record_put(const struct dhcp_lease_record *r, int64_t wall_ms, void *out, size_t cap)
{
    struct encoder e;
    encoder_init(&e, out, cap);
    encode_u32(&e, r->address);
    encode_u8(&e, (uint8_t)r->state);
    encode_bytes(&e, r->mac.b, sizeof r->mac.b);
    encode_u32(&e, r->remaining_s);
    encode_i64(&e, wall_ms);
    encode_u8(&e, r->id_len);
    encode_bytes(&e, r->id, r->id_len);
    return e.failed ? 0 : e.len;
}

static bool decode(const struct journal_record *record, struct dhcp_lease_record *r, int64_t *then)
{
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    memset(r, 0, sizeof *r);
    r->address = decode_u32(&d);
    uint8_t state = decode_u8(&d);
    decode_bytes(&d, r->mac.b, sizeof r->mac.b);
    r->remaining_s = decode_u32(&d);
    *then = decode_i64(&d);
    r->id_len = decode_u8(&d);
    if (d.failed || state < DHCP_RECORD_BOUND || state > DHCP_RECORD_FORGOTTEN || r->id_len > sizeof r->id)
        return false;
    r->state = (enum dhcp_record_state)state;
    decode_bytes(&d, r->id, r->id_len);
    return !d.failed;
}

bool dhcp_record_get(const struct journal_record *record, int64_t wall_ms, struct dhcp_lease_record *out)
{
    int64_t then;
    if (!decode(record, out, &then))
        return false;
    if (then > 0 && wall_ms > then) {
        int64_t passed = (wall_ms - then) / 1000;
        out->remaining_s = passed >= out->remaining_s ? 0 : out->remaining_s - (uint32_t)passed;
    }
    return true;
}
