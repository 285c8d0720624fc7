#include "web_auth.h"

#include "mem.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void md5_hex(const char *text, char out[33])
{
    unsigned char digest[16];
    EVP_Digest(text, strlen(text), digest, NULL, EVP_md5(), NULL);
    for (size_t i = 0; i < 16; i++)
        snprintf(out + i * 2, 3, "%02x", digest[i]);
}

bool web_auth_basic(const char *field, const char *password)
{
    char plain[200], coded[280];
    if (strncasecmp(field, "Basic ", 6) != 0)
        return false;
    int len = snprintf(plain, sizeof plain, "admin:%s", password);
    if (len < 0 || (size_t)len >= sizeof plain)
        return false;
    EVP_EncodeBlock((unsigned char *)coded, (unsigned char *)plain, len);
    return strcmp(field + 6 + strspn(field + 6, " "), coded) == 0;
}

/* The value of `name=` or `name="…"` in a Digest field. */
static void take(const char *field, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    out[0] = '\0';
    for (const char *p = field; (p = strcasestr(p, name)) != NULL; p += len) {
        bool starts = p == field || p[-1] == ' ' || p[-1] == ',';
        if (!starts || p[len] != '=')
            continue;
        const char *v = p + len + 1;
        bool quoted = *v == '"';
        v += quoted;
        snprintf(out, size, "%.*s", (int)strcspn(v, quoted ? "\"" : ", "), v);
        return;
    }
}

bool web_auth_digest(const char *field, const char *method, const char *nonce, const char *password)
{
    char user[64], realm[64], given[80], uri[400], qop[16], nc[16], cnonce[80], response[40];
    char text[700], a1[33], a2[33], right[33];
    if (strncasecmp(field, "Digest ", 7) != 0)
        return false;
    take(field, "username", user, sizeof user);
    take(field, "realm", realm, sizeof realm);
    take(field, "nonce", given, sizeof given);
    take(field, "uri", uri, sizeof uri);
    take(field, "qop", qop, sizeof qop);
    take(field, "nc", nc, sizeof nc);
    take(field, "cnonce", cnonce, sizeof cnonce);
    take(field, "response", response, sizeof response);
    if (strcmp(user, "admin") != 0 || strcmp(given, nonce) != 0)
        return false;
    snprintf(text, sizeof text, "%s:%s:%s", user, realm, password);
    md5_hex(text, a1);
    snprintf(text, sizeof text, "%s:%s", method, uri);
    md5_hex(text, a2);
    if (qop[0] != '\0')
        snprintf(text, sizeof text, "%s:%s:%s:%s:%s:%s", a1, nonce, nc, cnonce, qop, a2);
    else
        snprintf(text, sizeof text, "%s:%s:%s", a1, nonce, a2);
    md5_hex(text, right);
    return strcasecmp(response, right) == 0;
}
