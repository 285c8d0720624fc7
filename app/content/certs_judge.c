#include "app/content/certs_judge.h"

#include <stdio.h>
#include <string.h>

#include "app/record/report.h"

/* Who is known to trust which CA: the stores found in firmware 7.5.2b and described of 7.6.2g, and the
 * vendor's table of its provisioning CAs. The first row that fits counts. */
static const struct {
    const char *part; /* of the common name of whoever signed the chain */
    const char *phones;
} known[] = {
    {"Small Business Root CA 2k", "SPA 5xx phones with 7.5.6 or newer"},
    {"Small Business CA 2k", "SPA 5xx phones with 7.5.6 or newer"},
    {"2k Small Business", "SPA 5xx phones with 7.5.6 or newer"},
    {"Small Business Provisioning Root", "SPA 3xx and 5xx phones, found in the store of 7.5.2b"},
    {"Small Business", "SPA 3xx and 5xx phones by the vendor's table"},
    {"Linksys Provisioning Root", "phones with 7.5.2b; this CA has expired in 2015"},
    {"Sipura Technology Provisioning Root", "SPA 9xx phones, and phones with 7.5.2b (it is in their store)"},
    {"VeriSign Class 3 Public Primary Certification Authority - G5", "phones with 7.5.2b and newer"},
    {"DigiCert Global Root CA", "phones with 7.6.2g (it is said to be in their store)"},
};

static const char *who_trusts(const char *top)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(top, known[i].part))
            return known[i].phones;
    return NULL;
}

static void judge_trust(const struct certs_reading *r, const char *path, const struct x509_facts *f)
{
    const char *phones = who_trusts(f->top);
    const char *kind = f->key == X509_RSA ? "RSA" : f->key == X509_EC ? "EC" : "unknown key,";
    if (phones)
        problem_note(r->problems, path, 0, "%s, %s %u, %s, signed by %s: accepted by %s", f->common_name, kind, f->key_bits,
                     f->digest, f->top, phones);
    else if (r->settings->https.custom_ca[0])
        problem_note(r->problems, path, 0,
                     "%s, %s %u, %s, signed by %s: accepted by phones with %s or newer once they have loaded [https] "
                     "custom_ca, if that is this CA",
                     f->common_name, kind, f->key_bits, f->digest, f->top, r->settings->https.custom_ca_from);
    else
        problem_warning(r->problems, path, 0,
                        "is signed by %s, which no phone is known to trust: phones accept the vendor's provisioning CAs (see "
                        "`stagebox cert csr`), or, from about 7.5.7 on, a CA of your own by [https] custom_ca",
                        f->top[0] ? f->top : "somebody without a name");
}

static void judge_key(const struct certs_reading *r, const char *path, const struct x509_facts *f)
{
    if (f->key != X509_RSA)
        problem_warning(r->problems, path, 0, "its key is not RSA: no phone is known to handle that");
    else if (f->key_bits < 1024)
        problem_warning(r->problems, path, 0, "its RSA key has %u bits: phones are known to handle 1024 and 2048", f->key_bits);
    else if (f->key_bits > 2048)
        problem_warning(r->problems, path, 0,
                        "its RSA key has %u bits: phones are known to handle 1024 and 2048; longer ones take them long, if "
                        "they can at all",
                        f->key_bits);
}

static void judge_names(const struct certs_reading *r, const char *path, const struct certs_pair *pair,
                        const struct x509_facts *f)
{
    char address[IP4_TEXT_MAX];
    ip4_format(r->settings->box.address, address);
    if (!pair->names[0][0])
        problem_warning(r->problems, path, 0,
                        "its common name \"%s\" is no host name: HTTPS URLs use %s then, and phones compare the two",
                        f->common_name, address);
    else if (!r->settings->dns.enabled)
        problem_warning(r->problems, path, 0, "is for %s, and [dns] enabled = no: phones must find that name elsewhere",
                        pair->names[0]);
}

static void judge_dates(const struct certs_reading *r, const char *path, const struct x509_facts *f)
{
    int64_t wall;
    char now[REPORT_TIME_MAX];
    if (!port_wall_ms(r->port, &wall))
        return;
    report_time(wall, now);
    if (strncmp(now, f->not_after, X509_TIME_MAX - 1) > 0)
        problem_warning(r->problems, path, 0, "has expired on %.10s: phones that know the time may refuse it", f->not_after);
    else if (strncmp(now, f->not_before, X509_TIME_MAX - 1) < 0)
        problem_warning(r->problems, path, 0, "is valid only from %.10s on", f->not_before);
}

static void judge_chain(const struct certs_reading *r, const char *path, const struct x509_facts *f)
{
    if (!f->in_order)
        problem_warning(r->problems, path, 0,
                        "its certificates are not in order: first the box's own, then whoever signed it, and so on");
    if (f->is_ca)
        problem_warning(r->problems, path, 0, "its first certificate is a CA's: the box's own must come first");
}

void certs_judge_pair(const struct certs_reading *r, const struct certs_named *named, const struct certs_pair *pair,
                      const struct x509_facts *facts)
{
    const char *path = named->certificate;
    judge_chain(r, path, facts);
    judge_key(r, path, facts);
    judge_names(r, path, pair, facts);
    judge_dates(r, path, facts);
    judge_trust(r, path, facts);
}

void certs_judge_together(const struct certs_reading *r, const struct certs *certs)
{
    for (size_t i = 1; i < certs->pair_count; i++) {
        const struct certs_pair *a = &certs->pairs[0], *b = &certs->pairs[i];
        if (strcmp(a->names[0], b->names[0]) != 0)
            problem_warning(r->problems, r->file, settings_line(r->settings, "certificate", b->name, NULL),
                            "[certificate %s] is for %s, the first one for %s: a phone that gets from one to the other by an "
                            "upgrade has a URL with the wrong name, and comes by HTTP first. One name for all is better",
                            b->name, b->names[0][0] ? b->names[0] : "no host name",
                            a->names[0][0] ? a->names[0] : "no host name");
        if (a->id == b->id)
            problem_warning(r->problems, r->file, settings_line(r->settings, "certificate", b->name, NULL),
                            "[certificate %s] is the same certificate as the first one", b->name);
    }
}
