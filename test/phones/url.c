#include "url.h"

#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    uint16_t port;
} schemes[] = {{"tftp", 69}, {"http", 80}, {"https", 443}};

const char *scheme_name(enum scheme s)
{
    return schemes[s].name;
}

static bool take_scheme(const char **text, struct url *out)
{
    const char *mark = strstr(*text, "://");
    const char *slash = strchr(*text, '/');
    if (mark == NULL || slash < mark)
        return true;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(schemes[i].name);
        if ((size_t)(mark - *text) == len && strncasecmp(*text, schemes[i].name, len) == 0) {
            out->scheme = (enum scheme)i;
            out->has_scheme = true;
            *text = mark + 3;
            return true;
        }
    }
    return false;
}

static bool take_port(char *host, struct url *out)
{
    char *colon = strchr(host, ':');
    out->port = schemes[out->scheme].port;
    if (colon == NULL)
        return true;
    *colon = '\0';
    char *end;
    unsigned long port = strtoul(colon + 1, &end, 10);
    out->port = (uint16_t)port;
    return end != colon + 1 && *end == '\0' && port > 0 && port < 65536;
}

bool url_parse(const char *text, struct url *out)
{
    *out = (struct url){0};
    if (strpbrk(text, " \t\r\n") != NULL || !take_scheme(&text, out))
        return false;
    size_t host_len = strcspn(text, "/");
    if (host_len >= sizeof out->host || strlen(text + host_len) >= sizeof out->path)
        return false;
    memcpy(out->host, text, host_len);
    text_copy(out->path, sizeof out->path, text + host_len);
    return take_port(out->host, out);
}

void url_format(const struct url *u, char *out, size_t size)
{
    if (u->port == schemes[u->scheme].port)
        snprintf(out, size, "%s://%s%s", schemes[u->scheme].name, u->host, u->path);
    else
        snprintf(out, size, "%s://%s:%u%s", schemes[u->scheme].name, u->host, u->port, u->path);
}

const char *url_file_name(const struct url *u)
{
    const char *slash = strrchr(u->path, '/');
    return slash ? slash + 1 : u->path;
}
