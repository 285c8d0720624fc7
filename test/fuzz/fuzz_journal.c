/* Two journal files of any bytes. An input is a row of changes to a sound journal: each is the file,
 * the sector, what to do with it, and where; it may make the checksum right again. Whatever comes of
 * it loads, goes into operation, and then keeps what it is given. */
#include <stdlib.h>
#include <string.h>

#include "app/record/journal.h"
#include "app/record/journal_sector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE (64u * 1024)
#define SECTORS (SIZE / JOURNAL_SECTOR)

static void require(bool ok)
{
    if (!ok)
        abort();
}

/* -- a card in memory -- */

struct port_store {
    uint8_t bytes[SIZE];
};
struct port {
    struct port_store store[2];
};

int port_store_open(struct port *port, const char *path, uint64_t size, struct port_store **out)
{
    (void)size;
    *out = &port->store[path[0] == 'b'];
    return 0;
}
uint64_t port_store_size(const struct port_store *store)
{
    return sizeof store->bytes;
}
int port_store_read(struct port_store *store, uint64_t off, void *buf, size_t len)
{
    require(off + len <= SIZE);
    memcpy(buf, store->bytes + off, len);
    return (int)len;
}
int port_store_write(struct port_store *store, uint64_t off, const void *data, size_t len)
{
    require(off + len <= SIZE);
    memcpy(store->bytes + off, data, len);
    return 0;
}
bool port_store_written(const struct port_store *store)
{
    (void)store;
    return true;
}
void port_store_sync(struct port_store *store)
{
    (void)store;
}
bool port_store_synced(const struct port_store *store)
{
    (void)store;
    return true;
}
void port_store_close(struct port_store *store)
{
    (void)store;
}
int port_random(struct port *port, void *buf, size_t len)
{
    (void)port;
    memset(buf, 1, len);
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
    return "";
}

/* -- a state: 256 bytes -- */

static struct journal the_journal;

static bool snapshot(void *ctx, struct journal *journal, uint64_t *cursor)
{
    const uint8_t *state = ctx;
    uint8_t record[2] = {(uint8_t)*cursor, state[*cursor]};
    if (record[1])
        require(journal_snapshot_put(journal, 1, 1, record, 2));
    return ++*cursor < 256;
}

static void each(void *ctx, const struct journal_record *record)
{
    uint8_t *state = ctx;
    const uint8_t *bytes = record->payload;
    const struct journal_batch *batch = &the_journal.turn;
    require(bytes >= batch->bytes && bytes + record->len <= batch->bytes + batch->len);
    uint32_t sum = sector_crc(bytes, record->len); /* every byte can be read */
    require(record->len <= JOURNAL_PAYLOAD_MAX && sum == sector_crc(bytes, record->len));
    if (record->len == 2)
        state[bytes[0]] = bytes[1];
}

static void load(struct journal *journal, struct port *card, uint8_t state[256])
{
    struct journal_loss loss;
    char text[JOURNAL_SENTENCE_MAX];
    memset(state, 0, 256);
    require(journal_load(journal, card, "a", "b", SIZE, each, state, &loss) == 0);
    require(strlen(journal_loss_text(&loss, text)) < JOURNAL_SENTENCE_MAX);
}

static void put(struct journal *journal, uint8_t state[256], uint8_t key, uint8_t value, uint64_t now)
{
    uint8_t record[2] = {key, value};
    state[key] = value;
    require(journal_put(journal, 1, 1, record, 2, now));
}

static void make(struct journal *journal, struct port *card, uint8_t state[256])
{
    load(journal, card, state);
    require(journal_start(journal, snapshot, state, 0) == 0);
    for (unsigned i = 0; i < 300; i++) {
        put(journal, state, (uint8_t)(i * 7), (uint8_t)i, i * 100);
        require(journal_turn(journal, i * 100) == 0);
    }
}

static void change(struct port *card, const uint8_t op[8])
{
    uint8_t *sector = card->store[op[0] & 1].bytes + (size_t)(op[1] % SECTORS) * JOURNAL_SECTOR;
    const uint8_t *other = card->store[op[4] & 1].bytes + (size_t)(op[5] % SECTORS) * JOURNAL_SECTOR;
    size_t at = (size_t)(op[2] | op[3] << 8) % JOURNAL_SECTOR;
    switch (op[0] >> 1 & 3) {
    case 0:
        sector[at] = op[6];
        break;
    case 1:
        memmove(sector, other, JOURNAL_SECTOR);
        break;
    case 2:
        memset(sector + at, op[6], JOURNAL_SECTOR - at);
        break;
    case 3:
        sector[8 + at % 28] = op[6]; /* the head */
        break;
    }
    if (op[7] & 1) {
        uint32_t crc = sector_crc(sector + 8, JOURNAL_SECTOR - 8);
        for (unsigned i = 0; i < 4; i++)
            sector[4 + i] = (uint8_t)(crc >> (8 * i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct port sound, card;
    static bool made;
    uint8_t state[256], again[256];
    if (!made) {
        make(&the_journal, &sound, state);
        made = true;
    }
    card = sound;
    for (size_t at = 0; at + 8 <= size && at < 800; at += 8)
        change(&card, data + at);
    load(&the_journal, &card, state);
    require(journal_start(&the_journal, snapshot, state, 0) == 0);
    for (unsigned i = 0; i < 40; i++) {
        put(&the_journal, state, (uint8_t)(i * 3), (uint8_t)(i + 1), i * 100);
        require(journal_turn(&the_journal, i * 100) == 0);
    }
    load(&the_journal, &card, again);
    require(memcmp(state, again, sizeof state) == 0);
    return 0;
}
