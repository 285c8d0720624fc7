#include "net/tls/sessions.h"

#include <string.h>

/* Ids are random bytes: any of them are a hash. */
static size_t set_of(const uint8_t *id)
{
    return id[0] & (TLS_SESSION_SETS - 1);
}

void tls_sessions_put(struct tls_sessions *all, const mbedtls_ssl_session *session, const struct tls_client *client)
{
    if (session->id_len != sizeof all->entries[0][0].id)
        return;
    size_t set = set_of(session->id);
    struct tls_session *e = &all->entries[set][all->next[set]];
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
    if (session->id_len != sizeof all->entries[0][0].id)
        return false;
    const struct tls_session *set = all->entries[set_of(session->id)];
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
