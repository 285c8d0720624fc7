/* certs_judge.h - says in words what becomes of a certificate on the bench. Private to app/content/certs*.c. */
#ifndef STAGEBOX_APP_CONTENT_CERTS_JUDGE_H
#define STAGEBOX_APP_CONTENT_CERTS_JUDGE_H

#include "app/content/certs.h"
#include "app/content/x509.h"
#include "config/problem.h"

struct certs_reading {
    struct port *port;
    const struct settings *settings;
    const char *file;
    struct problems *problems;
};

/* A pair as the settings name it. */
struct certs_named {
    const char *name; /* "" for that of [https] */
    struct version from;
    const char *certificate, *key;
    int certificate_line, key_line; /* 0: the default's */
};

/* Key, names, dates, chain, and which phones are known to trust its CA. */
void certs_judge_pair(const struct certs_reading *r, const struct certs_named *named, const struct certs_pair *pair,
                      const struct x509_facts *facts);
/* What counts between the pairs. */
void certs_judge_together(const struct certs_reading *r, const struct certs *certs);

#endif
