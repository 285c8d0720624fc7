/* Datagrams of a hostile TFTP client: the input is a request (two bytes of length, big endian, then
 * the packet) followed by more packets of the same form, to a transfer on a virtual clock. */
#include "net/tftp/transfer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next packet, in an allocation of exactly its size. */
static uint8_t *next_packet(struct input *in, size_t *len)
{
    if (in->left < 2)
        return NULL;
    *len = (size_t)(in->at[0] << 8 | in->at[1]);
    in->at += 2;
    in->left -= 2;
    if (*len > in->left)
        *len = in->left;
    uint8_t *pkt = malloc(*len > 0 ? *len : 1);
    if (pkt != NULL)
        memcpy(pkt, in->at, *len);
    in->at += *len;
    in->left -= *len;
    return pkt;
}

static uint8_t source[5000];
static volatile uint8_t sink;

static void drain(struct tftp_xfer *x, uint64_t now)
{
    struct tftp_out out;
    for (unsigned n = 0; tftp_output(x, &out, now); n++) {
        if (n > 64 || out.head_len > sizeof out.head)
            abort();
        for (size_t i = 0; i < out.body_len; i++)
            sink = out.body[i];
    }
    if (tftp_result_text(tftp_result(x))[0] == 0 || strlen(tftp_peer_text(x)) >= TFTP_ERROR_TEXT_MAX)
        abort();
    if (tftp_acked(x) > tftp_size(x) || tftp_deadline(x) == 0)
        abort();
}

/* What is no request to be served gets an error that ends in its NUL, or silence. */
static void refuse(const uint8_t *pkt, size_t len)
{
    struct tftp_request req;
    uint8_t out[TFTP_ERROR_MAX];
    size_t n = pkt != NULL ? tftp_request_refusal(tftp_request_parse(pkt, len, &req), out) : 0;
    if (n > sizeof out || (n > 0 && (n < 5 || out[1] != TFTP_ERROR || out[n - 1] != 0)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tftp_limits limits = {1468, 32, 1000, 8000, 60000};
    struct input in = {data, size};
    struct tftp_request req;
    struct tftp_xfer *x = malloc(sizeof *x);
    size_t len = 0;
    uint64_t now = 0;
    uint8_t *pkt = next_packet(&in, &len);
    if (x != NULL && pkt != NULL && tftp_request_parse(pkt, len, &req) == TFTP_REQUEST_READ) {
        for (size_t i = 0; i < sizeof source; i++)
            source[i] = (uint8_t)(i % 13);
        tftp_start(x, &req, pkt, len, &limits, source, len * 97 % sizeof source, now);
        free(pkt);
        drain(x, now);
        while ((pkt = next_packet(&in, &len)) != NULL) {
            now += len == 0 ? 1000 : 1; /* an empty packet lets time pass */
            if (!tftp_is_repeat(x, pkt, len, now))
                tftp_input(x, pkt, len, now);
            free(pkt);
            drain(x, now);
        }
    } else {
        refuse(pkt, len);
        free(pkt);
    }
    free(x);
    return 0;
}
