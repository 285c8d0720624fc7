#include "app/services/https.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/content/content.h"
#include "net/tls/memory.h"
#include "net/tls/tls.h"

/* A fatal alert, internal_error (RFC 5246 section 7.2), in a record that every version reads. */
const uint8_t https_busy[7] = {0x15, 3, 1, 0, 2, 2, 80};

struct https_channel {
    struct https_channel *next_free;
    struct https_pool *pool;
    struct port_work work;
    struct port_tcp *tcp;
    struct tls_server *tls;
    void (*resume)(void *ctx);
    void *ctx;
    ip4 address;
    uint64_t shown;
    bool working;   /* its private-key operation is under way: tls belongs to that */
    bool abandoned; /* ...and the connection is over */
    bool open, told, eof;
    bool has_certificate;
    struct staging_certificate certificate;
};

struct https_context {
    uint64_t id;
    struct tls_pair *pair;
};

struct https_pool {
    struct port *port;
    struct staging *staging;
    struct https_context contexts[CERTS_PAIRS];
    size_t context_count;
    struct https_channel *channels;
    size_t channel_count;
    struct https_channel *free;
    void *arena; /* of net/tls */
};

/* -- contexts ---------------------------------------------------------------------------------------- */

static int on_random(void *ctx, unsigned char *out, size_t len)
{
    return port_random(ctx, out, len) == 0 ? 0 : -1;
}

static struct tls_pair *make_pair(const struct https_pool *pool, const struct certs *certs, const struct certs_pair *pair)
{
    struct tls_options options = {
        .random = on_random,
        .random_ctx = pool->port,
        .rsa = port_rsa(pool->port),
        .oldest = (enum tls_version)staging_settings(pool->staging)->https.min_version,
        .chain = pair->chain.text,
        .chain_len = pair->chain.len,
        .key = pair->key.text,
        .key_len = pair->key.len,
        .client_ca = certs->client_ca.text,
        .client_ca_len = certs->client_ca.len,
        .sessions = staging_settings(pool->staging)->limits.phones,
    };
    return tls_pair_new(&options);
}

static void drop_contexts(struct https_context *contexts, size_t count)
{
    while (count > 0)
        if (contexts[--count].pair)
            tls_pair_release(contexts[count].pair);
}

/* What was made of this pair before; NULL where it is new. */
static struct tls_pair *take_old(struct https_context *old, size_t count, uint64_t id)
{
    struct tls_pair *pair = NULL;
    for (size_t i = 0; i < count && !pair; i++)
        if (old[i].id == id) {
            pair = old[i].pair;
            old[i].pair = NULL;
        }
    return pair;
}

void https_pool_reload(struct https_pool *pool)
{
    const struct certs *certs = &staging_content(pool->staging)->certs;
    struct https_context old[CERTS_PAIRS];
    size_t old_count = pool->context_count;
    memcpy(old, pool->contexts, sizeof old);
    pool->context_count = 0;
    for (size_t i = 0; i < certs->pair_count; i++) {
        bool forgotten = certs->pairs[i].key.len == 0; /* then it is the one of last time */
        struct tls_pair *pair = forgotten ? take_old(old, old_count, certs->pairs[i].id)
                                          : make_pair(pool, certs, &certs->pairs[i]);
        if (!pair) {
            port_log(pool->port, PORT_ERROR, "HTTPS: a certificate and its key cannot be used together");
            continue;
        }
        pool->contexts[pool->context_count++] = (struct https_context){certs->pairs[i].id, pair};
    }
    drop_contexts(old, old_count);
}

static const struct https_context *context_for(const struct https_pool *pool, ip4 address)
{
    const struct certs_pair *wanted = staging_pair(pool->staging, address);
    for (size_t i = 0; wanted && i < pool->context_count; i++)
        if (pool->contexts[i].id == wanted->id)
            return &pool->contexts[i];
    return pool->context_count > 0 ? &pool->contexts[0] : NULL;
}

/* -- channels ------------------------------------------------------------------------------------------ */

static void recycle(struct https_channel *c)
{
    tls_server_end(c->tls);
    c->tls = NULL;
    c->next_free = c->pool->free;
    c->pool->free = c;
}

static void tell(struct https_channel *c)
{
    const char *words = tls_server_words(c->tls);
    if (!c->told && !c->open && words[0])
        staging_handshake_failed(c->pool->staging, c->address, c->shown, words);
    c->told = true;
}

static bool on_private(struct port_work *work)
{
    struct https_channel *c = (struct https_channel *)(void *)((char *)work - offsetof(struct https_channel, work));
    return tls_server_private(c->tls);
}

static void on_private_done(struct port_work *work)
{
    struct https_channel *c = (struct https_channel *)(void *)((char *)work - offsetof(struct https_channel, work));
    c->working = false;
    if (c->abandoned)
        recycle(c);
    else
        c->resume(c->ctx);
}

struct https_channel *https_channel_take(struct https_pool *pool, struct port_tcp *tcp, ip4 address,
                                         void (*resume)(void *ctx), void *ctx)
{
    struct https_channel *c = pool->free;
    const struct https_context *context = c ? context_for(pool, address) : NULL;
    struct tls_server *tls = context ? tls_server_new(context->pair) : NULL;
    if (!tls) {
        staging_warn_passing(pool->staging, "tls",
                             "As many HTTPS connections as [limits] tls allows are open; plain HTTP goes on.");
        return NULL;
    }
    struct https_pool *owner = c->pool;
    pool->free = c->next_free;
    memset(c, 0, sizeof *c);
    c->pool = owner;
    c->tls = tls;
    c->tcp = tcp;
    c->address = address;
    c->shown = context->id;
    c->resume = resume;
    c->ctx = ctx;
    c->work.run = on_private;
    c->work.done = on_private_done;
    return c;
}

void https_channel_give(struct https_channel *c)
{
    if (c->working) {
        c->abandoned = true;
        return;
    }
    if (!c->open) { /* it went away, or was silent for too long */
        tls_server_eof(c->tls);
        tls_server_turn(c->tls);
        tell(c);
    }
    recycle(c);
}

/* -- the handshake ---------------------------------------------------------------------------------- */

static void opened(struct https_channel *c)
{
    struct tls_client client;
    char line[160], address[IP4_TEXT_MAX];
    tls_server_client(c->tls, &client);
    c->open = true;
    c->has_certificate = client.shown && client.believed;
    c->certificate = (struct staging_certificate){.names_phone = client.has_mac, .mac = client.mac};
    snprintf(line, sizeof line, "HTTPS %s: %s, %s%s", ip4_format(c->address, address), tls_server_version(c->tls),
             tls_server_cipher(c->tls),
             !client.shown        ? ""
             : !client.believed   ? ", with a certificate that [https] client_ca did not sign"
             : !client.has_mac    ? ", with a certificate that names no phone"
                                  : ", with its own certificate");
    port_log(c->pool->port, PORT_DEBUG, line);
}

static void begin_private(struct https_channel *c)
{
    c->working = true;
    if (port_work(c->pool->port, &c->work) == 0)
        return;
    c->working = false; /* no thread: rather here than not at all */
    while (tls_server_private(c->tls))
        ;
}

/* Goes on with the handshake; true when it is over. */
static bool shake(struct https_channel *c)
{
    enum tls_state state = tls_server_turn(c->tls);
    while (state == TLS_PRIVATE && !c->working) {
        begin_private(c);
        if (!c->working)
            state = tls_server_turn(c->tls);
    }
    https_channel_flush(c);
    if (state == TLS_OPEN && !c->open)
        opened(c);
    if (state == TLS_FAILED)
        tell(c);
    return state == TLS_OPEN || state == TLS_FAILED;
}

/* -- bytes ---------------------------------------------------------------------------------------------- */

/* More from the wire: false where there is nothing now. */
static bool fetch(struct https_channel *c)
{
    size_t cap;
    uint8_t *room = tls_server_room(c->tls, &cap);
    if (c->eof || cap == 0)
        return false;
    int n = port_tcp_read(c->tcp, room, cap);
    if (n == 0)
        return false;
    if (n < 0) {
        c->eof = true;
        tls_server_eof(c->tls);
    } else {
        tls_server_took(c->tls, (size_t)n);
    }
    return true;
}

int https_channel_read(struct https_channel *c, void *buf, size_t cap)
{
    while (!c->working) {
        bool over = shake(c);
        if (over && !c->open)
            return PORT_E_CLOSED;
        int n = c->open ? tls_server_read(c->tls, buf, cap) : 0;
        if (n != 0)
            return n > 0 ? n : PORT_E_CLOSED;
        if (c->working || !fetch(c))
            break;
    }
    return 0;
}

int https_channel_write(struct https_channel *c, const void *data, size_t len)
{
    if (!c->open || !https_channel_flush(c))
        return 0;
    int n = tls_server_write(c->tls, data, len);
    https_channel_flush(c);
    return n;
}

bool https_channel_flush(struct https_channel *c)
{
    size_t len;
    if (c->working)
        return false;
    for (const uint8_t *out; (out = tls_server_out(c->tls, &len));) {
        int n = port_tcp_write(c->tcp, out, len, false);
        if (n <= 0)
            return false;
        tls_server_sent(c->tls, (size_t)n);
    }
    return true;
}

void https_channel_finish(struct https_channel *c)
{
    if (c->working)
        return;
    tls_server_close(c->tls);
    https_channel_flush(c);
}

size_t https_channel_pending(const struct https_channel *c)
{
    size_t len = 0;
    if (!c->working)
        tls_server_out(c->tls, &len);
    return len;
}

bool https_channel_wants_read(const struct https_channel *c)
{
    return !c->working;
}

const struct staging_certificate *https_channel_certificate(const struct https_channel *c)
{
    return c->has_certificate ? &c->certificate : NULL;
}

uint64_t https_channel_shown(const struct https_channel *c)
{
    return c->shown;
}

/* -- life ------------------------------------------------------------------------------------------------ */

/* After a reload connections may still hold the pairs that were. */
static size_t pairs_at_most(const struct https_pool *pool)
{
    size_t pairs = 2 * staging_content(pool->staging)->certs.pair_count + 1;
    return pairs < 2 * CERTS_PAIRS ? pairs : 2 * CERTS_PAIRS;
}

struct https_pool *https_pool_open(struct port *port, struct staging *staging)
{
    struct https_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->port = port;
    pool->staging = staging;
    pool->channel_count = staging_settings(staging)->limits.tls;
    pool->channels = calloc(pool->channel_count, sizeof *pool->channels);
    size_t need = tls_memory_need(pool->channel_count, pairs_at_most(pool), staging_settings(staging)->limits.phones);
    pool->arena = need > 0 ? malloc(need) : NULL;
    if (pool->arena)
        tls_memory_begin(pool->arena, need);
    if ((pool->arena || need == 0) && pool->channels)
        https_pool_reload(pool);
    if (pool->context_count == 0) {
        https_pool_close(pool);
        return NULL;
    }
    for (size_t i = pool->channel_count; i-- > 0;) {
        pool->channels[i].pool = pool;
        pool->channels[i].next_free = pool->free;
        pool->free = &pool->channels[i];
    }
    return pool;
}

void https_pool_close(struct https_pool *pool)
{
    if (!pool)
        return;
    port_work_stop(pool->port);
    for (size_t i = 0; pool->channels && i < pool->channel_count; i++)
        tls_server_end(pool->channels[i].tls); /* whose operation was under way */
    drop_contexts(pool->contexts, pool->context_count);
    if (pool->arena)
        tls_memory_end();
    free(pool->arena);
    free(pool->channels);
    free(pool);
}
