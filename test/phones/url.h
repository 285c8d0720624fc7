/* url.h - URLs as the phones write them: [scheme://][server[:port]]/path (phones.md 2.3). */
#ifndef PHONES_URL_H
#define PHONES_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scheme { SCHEME_TFTP, SCHEME_HTTP, SCHEME_HTTPS };

enum { URL_SIZE = 600 };

struct url {
    enum scheme scheme; /* TFTP where none is written */
    bool has_scheme;
    char host[128];     /* "": no server is written */
    uint16_t port;      /* the scheme's own where none is written */
    char path[400];     /* with its leading slash; "": none is written */
};

/* Takes a whole URL. False: unknown scheme, bad port, a blank, or too long. */
bool url_parse(const char *text, struct url *out);
/* Writes it out again, the port only where it is not the scheme's own. */
void url_format(const struct url *u, char *out, size_t size);
const char *scheme_name(enum scheme s);
/* What follows the last slash of the path. */
const char *url_file_name(const struct url *u);

#endif
