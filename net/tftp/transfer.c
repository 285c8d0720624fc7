#include "net/tftp/transfer.h"

#include "net/tftp/netascii.h"

#include <string.h>

#define REPEAT_MS 1000    /* so soon after the first, an equal request is the network's doubling */
#define REPEAT_GAP_MS 100 /* a repeated request makes the first block go out again, but not more often */

static uint32_t fnv1a(const uint8_t *p, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 16777619u;
    return hash;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t wait_of(const struct tftp_xfer *x)
{
    unsigned shift = x->tries < 16 ? x->tries : 16;
    return min_u64((uint64_t)x->wait_ms << shift, x->wait_max_ms);
}

/* -- opening --------------------------------------------------------------------------------- */

static void oack_put(struct tftp_xfer *x, const struct tftp_asked *asked, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    memcpy(x->oack + x->oack_len, asked->name, asked->name_len);
    uint8_t *at = x->oack + x->oack_len + asked->name_len;
    *at++ = 0;
    while (n > 0)
        *at++ = (uint8_t)digits[--n];
    *at++ = 0;
    x->oack_len = (uint16_t)(at - x->oack);
}

static void accept_option(struct tftp_xfer *x, const struct tftp_asked *asked, const struct tftp_limits *limits)
{
    uint16_t block_max =
        x->netascii && limits->blksize > TFTP_BLKSIZE_DEFAULT ? TFTP_BLKSIZE_DEFAULT : limits->blksize;
    switch (asked->option) {
    case TFTP_BLKSIZE:
        x->blksize = (uint16_t)min_u64(asked->value, block_max);
        oack_put(x, asked, x->blksize);
        break;
    case TFTP_TIMEOUT:
        x->wait_ms = (uint32_t)asked->value * 1000;
        oack_put(x, asked, asked->value);
        break;
    case TFTP_TSIZE:
        if (!x->netascii)
            oack_put(x, asked, x->size);
        break;
    case TFTP_WINDOWSIZE:
        if (x->netascii)
            break;
        x->window = (uint16_t)min_u64(asked->value, limits->window);
        oack_put(x, asked, x->window);
        break;
    case TFTP_OPTION_COUNT:
        break;
    }
}

void tftp_start(struct tftp_xfer *x, const struct tftp_request *req, const uint8_t *pkt, size_t len,
                const struct tftp_limits *limits, const uint8_t *data, uint64_t size, uint64_t now_ms)
{
    /* text[] is left as it is: it is written before it is read. */
    memset(x, 0, offsetof(struct tftp_xfer, text));
    x->data = data;
    x->size = size;
    x->netascii = req->mode == TFTP_NETASCII;
    x->blksize = TFTP_BLKSIZE_DEFAULT;
    x->window = 1;
    x->wait_ms = limits->retry_ms;
    x->give_up_ms = limits->give_up_ms;
    x->started_at = now_ms;
    x->progress_at = now_ms;
    x->request_hash = fnv1a(pkt, len);
    x->carry = -1;
    for (unsigned i = 0; i < req->asked_count; i++)
        accept_option(x, &req->asked[i], limits);
    x->wait_max_ms = x->wait_ms > limits->retry_max_ms ? x->wait_ms : limits->retry_max_ms;
    x->last = x->netascii ? UINT64_MAX : size / x->blksize + 1;
    x->unacked = x->next = x->sent = x->oack_len > 0 ? 0 : 1;
    x->deadline = now_ms;
}

bool tftp_is_repeat(struct tftp_xfer *x, const uint8_t *pkt, size_t len, uint64_t now_ms)
{
    if (x->result != TFTP_RUNNING || fnv1a(pkt, len) != x->request_hash)
        return false;
    bool untouched = x->unacked == (x->oack_len > 0 ? 0 : 1);
    bool long_sent = x->next != x->unacked && x->deadline + REPEAT_GAP_MS <= now_ms + wait_of(x);
    if (untouched && long_sent)
        x->deadline = min_u64(x->deadline, now_ms);
    return untouched || now_ms - x->started_at < REPEAT_MS;
}

/* -- input ----------------------------------------------------------------------------------- */

static void progress(struct tftp_xfer *x, uint64_t first_unacked, uint64_t now_ms)
{
    x->unacked = first_unacked;
    x->next = first_unacked;
    x->source_acked = x->source_pos;
    x->tries = 0;
    x->hurried = false;
    x->progress_at = now_ms;
    x->deadline = now_ms;
    if (first_unacked > x->last)
        x->result = TFTP_DONE;
}

static uint64_t window_end(const struct tftp_xfer *x)
{
    if (x->unacked == 0)
        return 1;
    return min_u64(x->unacked + x->window, x->last == UINT64_MAX ? UINT64_MAX : x->last + 1);
}

static void input_ack(struct tftp_xfer *x, uint16_t number, uint64_t now_ms)
{
    /* Block numbers are 16 bits of a longer count; the window is shorter than half of that circle. */
    uint16_t ahead = (uint16_t)(number - (uint16_t)x->unacked);
    if (ahead < x->sent - x->unacked) {
        progress(x, x->unacked + ahead + 1, now_ms);
        return;
    }
    bool repeated = ahead == UINT16_MAX && x->unacked > 0;
    if (repeated && x->window > 1 && x->next == window_end(x) && !x->hurried) {
        x->hurried = true;
        x->deadline = min_u64(x->deadline, now_ms + TFTP_HURRY_MS);
    }
}

static void input_error(struct tftp_xfer *x, const uint8_t *pkt, size_t len)
{
    size_t n = 0;
    for (size_t i = 4; i < len && pkt[i] != 0 && n + 1 < sizeof x->peer_text; i++)
        x->peer_text[n++] = pkt[i] >= 0x20 && pkt[i] < 0x7f ? (char)pkt[i] : '?';
    x->peer_text[n] = '\0';
    x->peer_code = (uint16_t)(pkt[2] << 8 | pkt[3]);
    x->result = TFTP_PEER_ERROR;
}

void tftp_input(struct tftp_xfer *x, const uint8_t *pkt, size_t len, uint64_t now_ms)
{
    if (x->result != TFTP_RUNNING)
        return;
    switch (tftp_opcode(pkt, len)) {
    case TFTP_ACK:
        input_ack(x, (uint16_t)(pkt[2] << 8 | pkt[3]), now_ms);
        break;
    case TFTP_ERROR:
        input_error(x, pkt, len);
        break;
    default:
        x->bad++;
    }
}

/* -- output ---------------------------------------------------------------------------------- */

/* Nothing came back in time: the window goes out again, or the transfer ends. */
static void repeat_or_give_up(struct tftp_xfer *x, uint64_t now_ms)
{
    if (x->tries > 0 && now_ms - x->progress_at >= x->give_up_ms) {
        x->result = TFTP_GAVE_UP;
        return;
    }
    if (x->tries < UINT8_MAX)
        x->tries++;
    x->next = x->unacked;
}

static void fill_text(struct tftp_xfer *x)
{
    if (x->next != x->sent)
        return; /* a repetition: the block is still there */
    x->text_len = (uint16_t)netascii_fill(x->data, x->size, &x->source_pos, &x->carry, x->text, x->blksize);
    if (x->text_len < x->blksize)
        x->last = x->next;
}

static void make_data(struct tftp_xfer *x, struct tftp_out *out)
{
    out->head[0] = 0;
    out->head[1] = TFTP_DATA;
    out->head[2] = (uint8_t)(x->next >> 8);
    out->head[3] = (uint8_t)x->next;
    out->head_len = 4;
    if (x->netascii) {
        fill_text(x);
        out->body = x->text;
        out->body_len = x->text_len;
        return;
    }
    uint64_t off = (x->next - 1) * x->blksize;
    out->body = x->size > 0 ? x->data + off : x->text;
    out->body_len = (uint16_t)min_u64(x->size - off, x->blksize);
}

static void make_oack(const struct tftp_xfer *x, struct tftp_out *out)
{
    out->head[0] = 0;
    out->head[1] = TFTP_OACK;
    out->head_len = 2;
    out->body = x->oack;
    out->body_len = x->oack_len;
}

bool tftp_output(struct tftp_xfer *x, struct tftp_out *out, uint64_t now_ms)
{
    if (x->result == TFTP_RUNNING && x->next != x->unacked && now_ms >= x->deadline)
        repeat_or_give_up(x, now_ms);
    if (x->result != TFTP_RUNNING || x->next >= window_end(x))
        return false;
    if (x->next == 0)
        make_oack(x, out);
    else
        make_data(x, out);
    if (x->next < x->sent)
        x->resent++;
    x->next++;
    if (x->next > x->sent)
        x->sent = x->next;
    x->deadline = now_ms + wait_of(x);
    return true;
}

uint64_t tftp_deadline(const struct tftp_xfer *x)
{
    if (x->result != TFTP_RUNNING)
        return UINT64_MAX;
    return x->next < window_end(x) ? 0 : x->deadline;
}

/* -- reading --------------------------------------------------------------------------------- */

uint64_t tftp_silent_ms(const struct tftp_xfer *x, uint64_t now_ms)
{
    return x->tries < 2 || now_ms < x->progress_at ? 0 : now_ms - x->progress_at;
}

enum tftp_result tftp_result(const struct tftp_xfer *x)
{
    return (enum tftp_result)x->result;
}

const char *tftp_result_text(enum tftp_result result)
{
    switch (result) {
    case TFTP_RUNNING:
        return "running";
    case TFTP_DONE:
        return "acknowledged whole";
    case TFTP_PEER_ERROR:
        return "ended by the client with an error";
    case TFTP_GAVE_UP:
        return "the client stopped answering";
    }
    return "unknown";
}

uint64_t tftp_acked(const struct tftp_xfer *x)
{
    if (x->netascii)
        return x->source_acked;
    return x->unacked < 2 ? 0 : min_u64((x->unacked - 1) * x->blksize, x->size);
}

uint64_t tftp_size(const struct tftp_xfer *x)
{
    return x->size;
}

uint16_t tftp_blksize(const struct tftp_xfer *x)
{
    return x->blksize;
}

uint64_t tftp_resent(const struct tftp_xfer *x)
{
    return x->resent;
}

uint32_t tftp_bad(const struct tftp_xfer *x)
{
    return x->bad;
}

uint16_t tftp_peer_code(const struct tftp_xfer *x)
{
    return x->peer_code;
}

const char *tftp_peer_text(const struct tftp_xfer *x)
{
    return x->peer_text;
}
