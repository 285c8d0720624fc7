#include "version.h"

#include "mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool version_parse(const char *text, struct version *out)
{
    *out = (struct version){0};
    for (size_t i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)*text))
            return false;
        char *end;
        out->number[i] = (unsigned)strtoul(text, &end, 10);
        text = end;
        if (*text != '.')
            break;
        text++;
    }
    if (islower((unsigned char)*text))
        out->letter = *text++;
    if (*text == '(') {
        out->xu = strncmp(text, "(XU)", 4) == 0;
        text = strchr(text, ')');
        if (text == NULL)
            return false;
        text++;
    }
    return *text == '\0' || strcmp(text, "-bt") == 0;
}

int version_compare(const struct version *a, const struct version *b)
{
    for (size_t i = 0; i < 4; i++)
        if (a->number[i] != b->number[i])
            return a->number[i] < b->number[i] ? -1 : 1;
    return (a->letter > b->letter) - (a->letter < b->letter);
}

int version_compare_text(const char *a, const char *b)
{
    struct version x = {0}, y = {0};
    version_parse(a, &x);
    version_parse(b, &y);
    return version_compare(&x, &y);
}

bool version_is_xu(const char *text)
{
    struct version v;
    return version_parse(text, &v) && v.xu;
}

/* `7-5-6-XU` → `7.5.6(XU)` */
static bool version_from_hyphens(const char *text, size_t len, char *out, size_t size)
{
    char plain[40];
    struct version v;
    if (len == 0 || len >= sizeof plain - 4)
        return false;
    memcpy(plain, text, len);
    plain[len] = '\0';
    bool xu = len > 3 && strcasecmp(plain + len - 3, "-xu") == 0;
    if (xu)
        plain[len - 3] = '\0';
    unsigned hyphens = 0;
    for (char *p = plain; *p != '\0'; p++)
        if (*p == '-' && isdigit((unsigned char)p[1])) {
            *p = '.';
            hyphens++;
        }
    snprintf(out, size, "%s%s", plain, xu ? "(XU)" : "");
    return hyphens == 2 && version_parse(out, &v);
}

bool version_from_file(const char *name, char *family, size_t family_size, char *version, size_t version_size)
{
    const char *dot = strrchr(name, '.');
    const char *start = strcasestr(name, "spa");
    if (dot == NULL || strcasecmp(dot, ".bin") != 0 || start == NULL)
        return false;
    /* The first hyphen from which the rest is a version ends the family. */
    for (const char *p = strchr(start, '-'); p != NULL && p < dot; p = strchr(p + 1, '-')) {
        if (!version_from_hyphens(p + 1, (size_t)(dot - p - 1), version, version_size))
            continue;
        snprintf(family, family_size, "%.*s", (int)(p - start), start);
        return true;
    }
    return false;
}
