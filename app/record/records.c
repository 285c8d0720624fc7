#include "app/record/records.h"

#include "app/record/encode.h"

size_t record_gone_put(const struct record_gone *gone, void *out, size_t cap)
{
    struct encoder e;
    encoder_init(&e, out, cap);
    encode_u8(&e, gone->type);
    encode_u8(&e, gone->key_len);
    if (gone->key_len > RECORD_KEY_MAX)
        return 0;
    encode_bytes(&e, gone->key, gone->key_len);
    return e.failed ? 0 : e.len;
}

bool record_gone_get(struct record_gone *out, const void *in, size_t len)
{
    struct decoder d;
    decoder_init(&d, in, len);
    out->type = decode_u8(&d);
    out->key_len = decode_u8(&d);
    if (out->key_len > RECORD_KEY_MAX)
        return false;
    decode_bytes(&d, out->key, out->key_len);
    return decoder_done(&d);
}
