/* journal_bench.h - a card in memory under the journal, and a small state that is kept in it.
 *
 * Defines the port's functions that the journal uses: a test that includes this needs no other port.
 * The state is 64 numbers, some of them absent. After every commit it is remembered, so that a test
 * can say which of the states that ever were has come back.
 */
#ifndef STAGEBOX_TEST_JOURNAL_BENCH_H
#define STAGEBOX_TEST_JOURNAL_BENCH_H

#include "app/record/encode.h"
#include "app/record/journal.h"
#include "app/record/journal_sector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define KEYS 64
#define HISTORY 8192
#define SIZE (64u * 1024)
#define PUT 1
#define GONE 2

/* -- the card -- */

struct port_store {
    uint8_t *now;    /* what the kernel holds */
    uint8_t *sure;   /* what is on the card whatever happens */
    uint8_t *mark;   /* what was written when the running sync was started */
    uint8_t *unsure; /* a byte a sector: written since `sure` */
    uint64_t size;
    bool outstanding;
    int bad_read; /* sector that cannot be read, -1: none */
};
struct port {
    struct port_store store[2];
    unsigned opened;
    bool hold_sync;
    int fail_writes; /* how many fail from now on; -1: all */
    int fail_store;  /* which store's do: 0, 1, or -1 for both */
    int fail_opens;
    unsigned writes;
    void (*written)(void *ctx, unsigned store, uint64_t off, size_t len); /* after each */
    void *ctx;
};

static inline void card_init(struct port *card, uint64_t size)
{
    memset(card, 0, sizeof *card);
    card->fail_store = -1;
    for (int i = 0; i < 2; i++) {
        struct port_store *s = &card->store[i];
        s->size = size;
        s->now = calloc(1, size);
        s->sure = calloc(1, size);
        s->mark = calloc(1, size);
        s->unsure = calloc(1, size / JOURNAL_SECTOR);
        s->bad_read = -1;
    }
}
static inline void card_free(struct port *card)
{
    for (int i = 0; i < 2; i++) {
        free(card->store[i].now);
        free(card->store[i].sure);
        free(card->store[i].mark);
        free(card->store[i].unsure);
    }
}

int port_store_open(struct port *port, const char *path, uint64_t size, struct port_store **out)
{
    (void)size;
    if (port->fail_opens > 0) {
        port->fail_opens--;
        return PORT_E_ACCESS;
    }
    *out = &port->store[path[0] == 'b'];
    return 0;
}
uint64_t port_store_size(const struct port_store *store)
{
    return store->size;
}
int port_store_read(struct port_store *store, uint64_t off, void *buf, size_t len)
{
    if (store->bad_read >= 0 && off <= (uint64_t)store->bad_read * JOURNAL_SECTOR &&
        off + len > (uint64_t)store->bad_read * JOURNAL_SECTOR)
        return PORT_E_IO;
    assert_true(off + len <= store->size);
    memcpy(buf, store->now + off, len);
    return (int)len;
}
static struct port *the_card; /* stores do not know theirs */
int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    struct port *card = the_card;
    unsigned which = store == &card->store[1];
    assert_true(off % JOURNAL_SECTOR == 0 && len % JOURNAL_SECTOR == 0 && off + len <= store->size);
    if (card->fail_writes != 0 && (card->fail_store < 0 || card->fail_store == (int)which)) {
        card->fail_writes -= card->fail_writes > 0;
        return PORT_E_IO;
    }
    memcpy(store->now + off, data, len);
    memset(store->unsure + off / JOURNAL_SECTOR, 1, len / JOURNAL_SECTOR);
    card->writes++;
    if (card->written)
        card->written(card->ctx, which, off, len);
    return 0;
}
static inline void card_sync_done(struct port_store *store)
{
    if (!store->outstanding)
        return;
    store->outstanding = false;
    memcpy(store->sure, store->mark, store->size);
    for (uint64_t i = 0; i < store->size / JOURNAL_SECTOR; i++)
        store->unsure[i] =
            memcmp(store->sure + i * JOURNAL_SECTOR, store->now + i * JOURNAL_SECTOR, JOURNAL_SECTOR) != 0;
}
bool port_store_written(const struct port_store *store)
{
    (void)store;
    return true;
}
void port_store_sync(struct port_store *store)
{
    store->outstanding = true;
    memcpy(store->mark, store->now, store->size);
    if (!the_card->hold_sync)
        card_sync_done(store);
}
bool port_store_synced(const struct port_store *store)
{
    return !store->outstanding;
}
void port_store_close(struct port_store *store)
{
    (void)store;
}
int port_random(struct port *port, void *buf, size_t len)
{
    (void)port;
    memset(buf, 0x5a, len);
    return 0;
}
bool port_wall_ms(const struct port *port, int64_t *unix_ms)
{
    (void)port;
    (void)unix_ms;
    return false;
}
uint64_t port_now_ms(const struct port *port)
{
    (void)port;
    return 0;
}
const char *port_error_sentence(const struct port *port)
{
    (void)port;
    return "the card is broken";
}

/* -- the state -- */

struct bench {
    struct port card;
    struct journal journal;
    uint64_t now;
    uint32_t value[KEYS]; /* 0: absent */
    uint32_t next;        /* values never come twice */
    uint32_t seed;
    uint32_t (*history)[KEYS]; /* after commit i; [0] is the state at the start */
    uint64_t *when;
    size_t commits;
};

static inline uint32_t bench_random(struct bench *b)
{
    b->seed ^= b->seed << 13;
    b->seed ^= b->seed >> 17;
    b->seed ^= b->seed << 5;
    return b->seed;
}

static inline size_t bench_encode(uint32_t key, uint32_t value, uint8_t *out)
{
    struct encoder e;
    encoder_init(&e, out, JOURNAL_PAYLOAD_MAX);
    encode_u32(&e, key);
    encode_u32(&e, value);
    for (uint32_t i = 0; i < value % 90 * (value % 11 == 0 ? 11 : 1); i++) /* records of all lengths */
        encode_u8(&e, (uint8_t)(value + i));
    return e.len;
}

static inline bool bench_snapshot(void *ctx, struct journal *journal, uint64_t *cursor)
{
    struct bench *b = ctx;
    uint8_t payload[JOURNAL_PAYLOAD_MAX];
    for (int i = 0; i < 10 && *cursor < KEYS; i++, ++*cursor) {
        uint32_t value = b->value[*cursor];
        if (value)
            assert_true(
                journal_snapshot_put(journal, PUT, 1, payload, bench_encode((uint32_t)*cursor, value, payload)));
    }
    return *cursor < KEYS;
}

static inline void bench_apply(uint32_t value[KEYS], const struct journal_record *record)
{
    struct decoder d;
    decoder_init(&d, record->payload, record->len);
    uint32_t key = decode_u32(&d);
    uint32_t number = decode_u32(&d);
    assert_false(d.failed);
    assert_true(key < KEYS);
    assert_int_equal(record->version, 1);
    assert_true(record->type == PUT || record->type == GONE);
    value[key] = record->type == PUT ? number : 0;
}
static inline void bench_record(void *ctx, const struct journal_record *record)
{
    bench_apply(ctx, record);
}

static inline void bench_remember(struct bench *b)
{
    assert_true(b->commits < HISTORY);
    memcpy(b->history[b->commits], b->value, sizeof b->value);
    b->when[b->commits++] = b->now;
}

/* Loads what is on the card, goes into operation. */
static inline void bench_start(struct bench *b, struct journal_loss *loss)
{
    memset(b->value, 0, sizeof b->value);
    the_card = &b->card;
    assert_int_equal(
        journal_load(&b->journal, &b->card, "a", "b", b->card.store[0].size, bench_record, b->value, loss), 0);
    journal_start(&b->journal, bench_snapshot, b, b->now);
    bench_remember(b);
}

static inline struct bench *bench_new(uint64_t size, uint32_t seed)
{
    struct bench *b = calloc(1, sizeof *b);
    struct journal_loss loss;
    b->history = calloc(HISTORY, sizeof *b->history);
    b->when = calloc(HISTORY, sizeof *b->when);
    b->seed = seed * 2654435761u + 1;
    b->now = 1000;
    card_init(&b->card, size);
    bench_start(b, &loss);
    return b;
}
static inline void bench_free(struct bench *b)
{
    card_free(&b->card);
    free(b->history);
    free(b->when);
    free(b);
}

static inline void bench_put(struct bench *b, uint32_t key, uint32_t value)
{
    uint8_t payload[JOURNAL_PAYLOAD_MAX];
    b->value[key] = value;
    size_t len = bench_encode(key, value, payload);
    assert_true(journal_put(&b->journal, value ? PUT : GONE, 1, payload, len, b->now));
}

/* Some changes, a few of them deletions, and their commit. */
static inline void bench_change(struct bench *b)
{
    for (uint32_t n = 1 + bench_random(b) % 4; n > 0; n--) {
        uint32_t key = bench_random(b) % KEYS;
        bench_put(b, key, bench_random(b) % 4 == 0 ? 0 : ++b->next);
    }
    journal_commit(&b->journal, b->now);
    bench_remember(b);
}

/* What a new start would find; the running journal is not touched. */
static inline void bench_find(struct bench *b, uint32_t value[KEYS], struct journal_loss *loss)
{
    static struct journal journal;
    memset(value, 0, KEYS * sizeof *value);
    the_card = &b->card;
    assert_int_equal(journal_load(&journal, &b->card, "a", "b", b->card.store[0].size, bench_record, value, loss),
                     0);
}

/* The last commit that left the state so; -1: none. */
static inline int bench_which(const struct bench *b, const uint32_t value[KEYS])
{
    for (size_t i = b->commits; i > 0; i--) {
        if (memcmp(b->history[i - 1], value, KEYS * sizeof *value) == 0)
            return (int)i - 1;
    }
    return -1;
}

static inline bool loss_is_none(const struct journal_loss *loss)
{
    char text[JOURNAL_SENTENCE_MAX];
    return journal_loss_text(loss, text)[0] == '\0';
}

#endif
