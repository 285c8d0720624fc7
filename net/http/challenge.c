/* WWW-Authenticate (RFC 9110 section 11.6.1): which challenges stand in it. */
#include "net/http/client.h"

#include <string.h>

static void skip_spaces(struct http_slice *s)
{
    while (s->len > 0 && (s->p[0] == ' ' || s->p[0] == '\t')) {
        s->p++;
        s->len--;
    }
}

static struct http_slice take_token(struct http_slice *s)
{
    size_t n = 0;
    while (n < s->len && http_is_token_char(s->p[n]))
        n++;
    struct http_slice token = {s->p, n};
    s->p += n;
    s->len -= n;
    return token;
}

/* A value of a parameter: undone of its quotes into `out`, or cut where it is longer. */
struct value {
    char text[HTTP_AUTH_TEXT_MAX];
    bool too_long;
};

static void add(struct value *v, size_t *n, char c)
{
    if (*n + 1 < sizeof v->text)
        v->text[(*n)++] = c;
    else
        v->too_long = true;
}

/* False where a quoted string does not end. */
static bool take_value(struct http_slice *s, struct value *v)
{
    size_t n = 0;
    v->too_long = false;
    bool quoted = s->len > 0 && s->p[0] == '"';
    size_t i = quoted ? 1 : 0;
    for (; i < s->len && (quoted ? s->p[i] != '"' : http_is_token_char(s->p[i])); i++) {
        if (quoted && s->p[i] == '\\' && i + 1 < s->len)
            i++;
        add(v, &n, s->p[i]);
    }
    v->text[n] = '\0';
    if (quoted && i == s->len)
        return false;
    i += quoted ? 1 : 0;
    s->p += i;
    s->len -= i;
    return true;
}

/* A Digest challenge that is being read. */
struct reading {
    struct http_digest digest;
    bool usable;
    bool is_digest;
};

static void take_qop(struct reading *in, const char *text)
{
    struct http_slice list = http_slice(text), element;
    bool auth = false;
    while (http_next_element(&list, &element))
        auth = auth || http_is_nocase(element, "auth");
    in->digest.qop_auth = auth;
    in->usable = in->usable && auth; /* auth-int alone cannot be answered */
}

static void take_algorithm(struct reading *in, const char *text)
{
    struct http_slice name = http_slice(text);
    in->digest.algorithm_named = true;
    in->digest.sess = http_is_nocase(name, "MD5-sess");
    in->usable = in->usable && (in->digest.sess || http_is_nocase(name, "MD5"));
}

static void take_parameter(struct reading *in, struct http_slice name, const struct value *v)
{
    struct http_digest *d = &in->digest;
    char *to = http_is_nocase(name, "realm")    ? d->realm
               : http_is_nocase(name, "nonce")  ? d->nonce
               : http_is_nocase(name, "opaque") ? d->opaque
                                                : NULL;
    if (to != NULL) {
        in->usable = in->usable && !v->too_long;
        memcpy(to, v->text, sizeof v->text);
        d->has_opaque = d->has_opaque || to == d->opaque;
    } else if (http_is_nocase(name, "stale")) {
        d->stale = http_is_nocase(http_slice(v->text), "true");
    } else if (http_is_nocase(name, "qop")) {
        take_qop(in, v->text);
    } else if (http_is_nocase(name, "algorithm")) {
        take_algorithm(in, v->text);
    }
}

static void finish(const struct reading *in, struct http_digest *digest)
{
    if (in->is_digest && in->usable && in->digest.nonce[0] != '\0' && !digest->there)
        *digest = in->digest;
}

/* Reads "name = value" where `name` is taken already; false where it is no parameter. */
static bool read_parameter(struct http_slice *s, struct http_slice name, struct reading *in)
{
    struct value v;
    skip_spaces(s);
    if (s->len == 0 || s->p[0] != '=')
        return false;
    s->p++;
    s->len--;
    skip_spaces(s);
    if (!take_value(s, &v)) {
        in->usable = false;
        s->len = 0;
    }
    take_parameter(in, name, &v);
    return true;
}

void http_challenges(struct http_slice value, bool *basic, struct http_digest *digest)
{
    struct reading in = {.usable = false};
    while (value.len > 0) {
        skip_spaces(&value);
        struct http_slice token = take_token(&value);
        if (token.len == 0) {
            if (value.len > 0) { /* a comma, or what nobody knows */
                value.p++;
                value.len--;
            }
            continue;
        }
        if (read_parameter(&value, token, &in))
            continue;
        finish(&in, digest); /* not a parameter: the next challenge's scheme */
        memset(&in, 0, sizeof in);
        in.is_digest = in.usable = in.digest.there = http_is_nocase(token, "Digest");
        *basic = *basic || http_is_nocase(token, "Basic");
    }
    finish(&in, digest);
}
