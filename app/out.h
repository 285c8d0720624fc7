/* out.h - where text goes that is made piece by piece.
 *
 * One struct for all writers: either a window into the text (a buffer that gets the bytes from
 * `skip` on, so that a text longer than the buffer can be made again for its next part), or a sink
 * that takes every piece. Writers count all bytes, whether or not they had room.
 */
#ifndef STAGEBOX_APP_OUT_H
#define STAGEBOX_APP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes a piece, whole. False: it cannot, and nothing more shall come. */
typedef bool out_fn(void *ctx, const char *text, size_t len);

struct out {
    char *buf; /* window: gets bytes skip .. skip + cap */
    size_t cap;
    uint64_t skip;
    out_fn *sink; /* or a sink */
    void *ctx;
    uint64_t total; /* bytes of the text so far */
    bool failed;    /* the sink refused, or a writer found its input wrong */
};

/* A window that begins at byte `skip` of the text. */
void out_window(struct out *out, char *buf, size_t cap, uint64_t skip);
void out_sink(struct out *out, out_fn *sink, void *ctx);
/* How many bytes a window's buffer holds now. */
size_t out_filled(const struct out *out);
/* The whole text lies in the window. */
bool out_whole(const struct out *out);

void out_bytes(struct out *out, const char *text, size_t len);
void out_text(struct out *out, const char *text);
void out_char(struct out *out, char c);
void out_u64(struct out *out, uint64_t value);

#endif
