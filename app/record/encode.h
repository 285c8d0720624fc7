/* encode.h - records as bytes: little-endian, bounded, with an error that sticks.
 *
 * Encode or decode field after field and look at `failed` once at the end: after the first failure the
 * calls do nothing, and every decode gives zero.
 */
#ifndef STAGEBOX_APP_RECORD_ENCODE_H
#define STAGEBOX_APP_RECORD_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct encoder {
    uint8_t *out;
    size_t cap;
    size_t len; /* bytes written so far */
    bool failed;
};

void encoder_init(struct encoder *e, void *out, size_t cap);
void encode_u8(struct encoder *e, uint8_t value);
void encode_u16(struct encoder *e, uint16_t value);
void encode_u32(struct encoder *e, uint32_t value);
void encode_u64(struct encoder *e, uint64_t value);
void encode_i64(struct encoder *e, int64_t value);
/* One byte, 0 or 1. */
void encode_bool(struct encoder *e, bool value);
/* Exactly `len` bytes, no length in front. */
void encode_bytes(struct encoder *e, const void *data, size_t len);
/* A length in two bytes and the text without its NUL. Longer than 65535 fails. */
void encode_text(struct encoder *e, const char *text);

struct decoder {
    const uint8_t *in;
    size_t len; /* bytes left */
    bool failed;
};

void decoder_init(struct decoder *d, const void *in, size_t len);
uint8_t decode_u8(struct decoder *d);
uint16_t decode_u16(struct decoder *d);
uint32_t decode_u32(struct decoder *d);
uint64_t decode_u64(struct decoder *d);
int64_t decode_i64(struct decoder *d);
/* Anything but 0 and 1 fails. */
bool decode_bool(struct decoder *d);
/* Fills `out` with zeros where there are not that many bytes. */
void decode_bytes(struct decoder *d, void *out, size_t len);
/* What encode_text() wrote, NUL-terminated; fails (and gives "") where it does not fit in `cap` bytes
 * with its NUL or holds a NUL of its own. `cap` is at least 1. */
void decode_text(struct decoder *d, char *out, size_t cap);
/* Nothing failed and nothing is left over. A newer version of a record may have more at its end:
 * who wants to read it anyhow looks at `failed` only. */
bool decoder_done(const struct decoder *d);

#endif
