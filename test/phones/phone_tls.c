#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

/* phones.md 6.2: the suites of the guides; no ECDHE, no GCM. */
static const char suites[] = "AES256-SHA:AES128-SHA:DHE-RSA-AES256-SHA:DHE-RSA-AES128-SHA";

enum { CLOCK_OF_1970 = 3600 }; /* an hour after it was switched on, and nobody told it the time */

/* phones.md 6.1: the vendor's new CA for 7.5.6 and up. */
static X509_STORE *store_of(const struct phone *p)
{
    bool modern = version_compare_text(p->version, "7.5.6") >= 0;
    switch (p->quirks.value[QUIRK_TLS_STORE]) {
    case TLS_STORE_BOTH: return tls_lab_store(p->sim->lab, "both");
    case TLS_STORE_NONE: return tls_lab_store(p->sim->lab, "none");
    default: return tls_lab_store(p->sim->lab, modern ? "new" : "old");
    }
}

static struct tls_wish wish_of(const struct phone *p, char mac[13])
{
    static const char *const generic = "sipurageneric";
    int kind = p->quirks.value[QUIRK_CERTIFICATE];
    struct tls_wish w = {.model = p->model->name, .serial = p->serial, .mac = mac, .strength = TLS_1024_SHA1};
    struct mac own = p->station.mac;
    if (kind == CERTIFICATE_OTHER)
        own.b[5] ^= 0x80;
    text_copy(mac, 13, mac_lower(&own).s);
    if (kind == CERTIFICATE_GENERIC)
        w.mac = w.serial = generic;
    if (kind == CERTIFICATE_NAME || kind == CERTIFICATE_GENERIC)
        w.form = TLS_FORM_NAME;
    if (kind == CERTIFICATE_2048)
        w.strength = TLS_2048_SHA256;
    if (kind == CERTIFICATE_MD5)
        w.strength = TLS_1024_MD5;
    w.foreign = kind == CERTIFICATE_FOREIGN;
    w.expired = kind == CERTIFICATE_EXPIRED;
    return w;
}

static void take_certificate(struct phone *p)
{
    char mac[13];
    if (p->tls.certificate != NULL || p->quirks.value[QUIRK_CERTIFICATE] == CERTIFICATE_NONE)
        return;
    struct tls_wish wish = wish_of(p, mac);
    p->tls.certificate = tls_lab_issue(p->sim->lab, &wish);
    p->tls.key = tls_lab_key(p->sim->lab, wish.strength);
}

const struct tls_manners *phone_tls(struct phone *p)
{
    const int *quirk = p->quirks.value;
    struct tls_manners *t = &p->tls;
    if (p->sim->lab == NULL || quirk[QUIRK_TLS] == TLS_KIND_NONE)
        return NULL;
    t->lab = p->sim->lab;
    t->oldest = TLS1_VERSION;
    t->newest = quirk[QUIRK_TLS] == TLS_KIND_12 ? TLS1_2_VERSION : TLS1_VERSION;
    t->ciphers = suites;
    t->hello = quirk[QUIRK_TLS] == TLS_KIND_SSL3  ? TLS_HELLO_SSL3
               : quirk[QUIRK_TLS] == TLS_KIND_RC4 ? TLS_HELLO_RC4
                                                  : TLS_HELLO_LIBRARY;
    t->store = store_of(p);
    t->check_dates = quirk[QUIRK_TLS_DATES];
    t->clock = CLOCK_OF_1970;
    t->names = (enum tls_names)quirk[QUIRK_TLS_NAMES];
    t->farewell = (enum tls_farewell)quirk[QUIRK_TLS_LEAVES];
    take_certificate(p);
    return t;
}

void phone_tls_free(struct phone *p)
{
    X509_free(p->tls.certificate);
}
