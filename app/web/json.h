/* json.h - JSON as it goes out: value after value into a buffer, no tree.
 *
 * Commas and nesting are the writer's. Bytes that are no UTF-8 become U+FFFD, control characters
 * escapes; `<` is escaped too, so that JSON may stand in a page. What does not fit sets `overflow`
 * and nothing further is written. A copy of the struct taken before an element puts everything back
 * as it was (write one phone; no room: go back, send what there is, json_taken(), write it again).
 */
#ifndef STAGEBOX_APP_WEB_JSON_H
#define STAGEBOX_APP_WEB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 31

struct json {
    char *buf;
    size_t cap;
    size_t len;
    bool overflow;  /* sticks; also set by nesting that is too deep or closed too often */
    uint32_t comma; /* a bit a level: something stands there already */
    unsigned depth;
    bool after_key;
};

void json_init(struct json *json, char *buf, size_t cap);
void json_object(struct json *json);
void json_object_end(struct json *json);
void json_array(struct json *json);
void json_array_end(struct json *json);
/* The next value's name, in an object. */
void json_key(struct json *json, const char *key);
/* NULL gives null. */
void json_text(struct json *json, const char *text);
void json_text_len(struct json *json, const char *text, size_t len);
void json_u64(struct json *json, uint64_t value);
void json_i64(struct json *json, int64_t value);
/* At most six significant digits; null for what is not finite. */
void json_double(struct json *json, double value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/* Name and value in one. */
void json_key_text(struct json *json, const char *key, const char *text);
void json_key_u64(struct json *json, const char *key, uint64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_null(struct json *json, const char *key);
/* The buffer's content is sent: writing goes on at its beginning, nesting as it was. */
void json_taken(struct json *json);
/* Every object and array is closed and all fitted. */
bool json_done(const struct json *json);

#endif
