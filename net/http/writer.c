#include "net/http/writer.h"

#include <string.h>

void put_bytes(struct writer *w, const void *bytes, size_t len)
{
    if (w->bad || len > w->cap - w->len) {
        w->bad = true;
        return;
    }
    if (len > 0)
        memcpy(w->p + w->len, bytes, len);
    w->len += len;
}

void put_text(struct writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

void put_number(struct writer *w, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;
    do
        digits[--n] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    put_bytes(w, digits + n, sizeof digits - n);
}

void put_checked(struct writer *w, const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            w->bad = true;
    put_text(w, text);
}

void put_line(struct writer *w, const char *name, const char *value)
{
    if (!http_is_token(http_slice(name)))
        w->bad = true;
    put_text(w, name);
    put_text(w, ": ");
    put_checked(w, value);
    put_text(w, "\r\n");
}
