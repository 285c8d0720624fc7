/* http_head.h - the head of an HTTP answer, read as strictly as the contract promises it to phones. */
#ifndef PHONES_HTTP_HEAD_H
#define PHONES_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_head {
    int minor;  /* HTTP/1.x */
    int status;
    bool has_length;
    bool chunked;  /* any Transfer-Encoding */
    bool no_store;
    uint64_t length;
    char type[64];
    char etag[80];
    char location[200];
};

/* Reads a whole head, blank line included. False: it is no HTTP answer. */
bool http_head_parse(const char *text, size_t len, struct http_head *out);

#endif
