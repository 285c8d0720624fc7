/* What browsers and the settings bring to the operator's side: times, cookies, stored passwords, and paths.
 * The first byte says what the rest is. */
#include <stdlib.h>
#include <string.h>

#include "app/web/json.h"
#include "app/web/password.h"
#include "app/web/session.h"
#include "app/web/time_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool held)
{
    if (!held)
        abort();
}

static void read_time(const char *text, size_t len)
{
    int64_t ms;
    if (time_parse(text, len, &ms))
        demand(ms >= -86400000 && ms < INT64_C(253402387200000));
}

static void read_cookie(const char *text, size_t len)
{
    static struct sessions sessions;
    static const uint8_t token[SESSION_TOKEN] = {0x01, 0x23, 0x45};
    char value[SESSION_TEXT_MAX];
    sessions_init(&sessions);
    sessions_add(&sessions, token, 1, value);
    struct http_slice header = {text, len};
    bool has = sessions_has(&sessions, header, 2);
    demand(!has || len >= SESSION_TEXT_MAX);
    demand(sessions_end(&sessions, header) == has && !sessions_has(&sessions, header, 3));
    demand(sessions_count(&sessions, 3) == !has);
}

/* A stored password is a text with its NUL at the end. */
static void read_password(const char *text, size_t len)
{
    char *stored = malloc(len + 1);
    demand(stored != NULL);
    memcpy(stored, text, len);
    stored[len] = '\0';
    size_t plain = strlen(stored);
    /* As many rounds as a hash likes to ask for would only take time. */
    const char *rounds = strchr(stored + (plain > 0), '$');
    bool slow = stored[0] == '$' && rounds && atol(rounds + 1) > 50;
    if (!slow && stored[0] != '$')
        demand(password_fits(stored, stored, plain) == (plain > 0 && plain <= PASSWORD_MAX));
    if (!slow)
        password_fits(stored, "x", 1);
    free(stored);
}

/* Whatever it is, as JSON it is ASCII or UTF-8 without control characters and can stand in a page. */
static void write_json(const char *text, size_t len)
{
    static char buf[1 << 18];
    struct json json;
    json_init(&json, buf, sizeof buf);
    json_array(&json);
    json_text_len(&json, text, len);
    json_array_end(&json);
    demand(json_done(&json) || json.overflow);
    for (size_t i = 0; i < json.len; i++)
        demand((uint8_t)buf[i] >= 0x20 && buf[i] != '<');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parts[])(const char *, size_t) = {read_time, read_cookie, read_password, write_json};
    if (size == 0)
        return 0;
    size_t len = size - 1;
    char *copy = malloc(len > 0 ? len : 1); /* exactly as long as it is, so that a byte too far is seen */
    demand(copy != NULL);
    memcpy(copy, data + 1, len);
    parts[data[0] % 4](copy, len);
    free(copy);
    return 0;
}
