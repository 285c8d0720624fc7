#include "net/tls/sessions.h"

#include <string.h>

#include "mbedtls/platform.h"
#include "mbedtls/platform_util.h"

size_t tls_sessions_count(size_t wanted)
{
    size_t count = TLS_SESSION_WAYS;
    if (wanted == 0 || wanted > TLS_SESSIONS_MAX)
        return TLS_SESSIONS_MAX;
    while (count < wanted)
        count *= 2;
    return count;
}

bool tls_sessions_init(struct tls_sessions *all, size_t wanted)
{
    size_t count = tls_sessions_count(wanted);
    all->sets = count / TLS_SESSION_WAYS;
    all->entries = mbedtls_calloc(count, sizeof *all->entries);
    all->next = mbedtls_calloc(all->sets, 1);
    return all->entries && all->next;
}

void tls_sessions_dispose(struct tls_sessions *all)
{
    if (all->entries)
        mbedtls_platform_zeroize(all->entries, all->sets * TLS_SESSION_WAYS * sizeof *all->entries);
    mbedtls_free(all->entries);
    mbedtls_free(all->next);
    memset(all, 0, sizeof *all);
}

/* Ids are random bytes: any of them are a hash. */
static size_t set_of(const struct tls_sessions *all, const uint8_t *id)
{
    return id[0] & (all->sets - 1);
}

void tls_sessions_put(struct tls_sessions *all, const mbedtls_ssl_session *session, const struct tls_client *client)
{
    if (session->id_len != sizeof all->entries->id)
        return;
    size_t set = set_of(all, session->id);
    struct tls_session *e = &all->entries[set * TLS_SESSION_WAYS + all->next[set]];
    all->next[set] = (uint8_t)((all->next[set] + 1) % TLS_SESSION_WAYS);
    memcpy(e->id, session->id, sizeof e->id);
    memcpy(e->master, session->master, sizeof e->master);
    e->ciphersuite = session->ciphersuite;
    e->compression = session->compression;
    e->encrypt_then_mac = session->encrypt_then_mac;
    e->verify_result = session->verify_result;
    e->client = *client;
}

bool tls_sessions_get(const struct tls_sessions *all, mbedtls_ssl_session *session, struct tls_client *client)
{
    if (session->id_len != sizeof all->entries->id)
        return false;
    const struct tls_session *set = &all->entries[set_of(all, session->id) * TLS_SESSION_WAYS];
    for (size_t i = 0; i < TLS_SESSION_WAYS; i++) {
        if (set[i].ciphersuite == 0 || memcmp(set[i].id, session->id, sizeof set[i].id) != 0)
            continue;
        memcpy(session->master, set[i].master, sizeof session->master);
        session->ciphersuite = set[i].ciphersuite;
        session->compression = set[i].compression;
        session->encrypt_then_mac = set[i].encrypt_then_mac;
        session->verify_result = set[i].verify_result;
        *client = set[i].client;
        return true;
    }
    return false;
}
