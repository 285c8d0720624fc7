#include "net/mqtt/mqtt.h"

#include <string.h>

enum packet {
    CONNECT = 0x10,
    PUBLISH = 0x30,
    SUBSCRIBE = 0x82,
    UNSUBSCRIBE = 0xa2,
    PINGREQ = 0xc0,
    DISCONNECT = 0xe0
};
enum { RETAIN = 1, CLEAN_SESSION = 2, WILL = 4, WILL_RETAIN = 32, PASSWORD = 64, USER = 128 };
#define REMAINING_MAX 268435455u

struct writer {
    uint8_t *buf;
    size_t cap, len;
    bool failed;
};

static void put(struct writer *w, const void *data, size_t len)
{
    if (w->failed || len > w->cap - w->len) {
        w->failed = true;
        return;
    }
    if (len > 0)
        memcpy(w->buf + w->len, data, len);
    w->len += len;
}

static void put_u8(struct writer *w, unsigned value)
{
    put(w, &(uint8_t){(uint8_t)value}, 1);
}

static void put_u16(struct writer *w, unsigned value)
{
    put_u8(w, value >> 8);
    put_u8(w, value & 0xff);
}

static size_t text_size(const char *text)
{
    return text ? 2 + strlen(text) : 0;
}

/* A text behind its length [1.5.3]; NULL: nothing. */
static void put_text(struct writer *w, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (!text)
        return;
    if (len > UINT16_MAX)
        w->failed = true;
    put_u16(w, (unsigned)len);
    put(w, text, len);
}

/* The fixed header [2.2.3]. */
static struct writer begin(uint8_t *buf, size_t cap, unsigned type, size_t remaining)
{
    struct writer w = {.buf = buf, .cap = cap, .failed = remaining > REMAINING_MAX};
    put_u8(&w, type);
    do {
        put_u8(&w, (remaining & 0x7f) | (remaining > 0x7f ? 0x80 : 0));
        remaining >>= 7;
    } while (remaining > 0 && !w.failed);
    return w;
}

static size_t end(const struct writer *w)
{
    return w->failed ? 0 : w->len;
}

size_t mqtt_put_connect(uint8_t *buf, size_t cap, const struct mqtt_connect *c)
{
    unsigned flags = CLEAN_SESSION | (c->will_topic ? WILL | WILL_RETAIN : 0) | (c->user ? USER : 0) |
                     (c->user && c->password ? PASSWORD : 0);
    const char *texts[] = {c->client_id, c->will_topic, c->will_topic ? c->will : NULL, c->user,
                           c->user ? c->password : NULL};
    size_t remaining = 10;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        remaining += text_size(texts[i]);
    struct writer w = begin(buf, cap, CONNECT, remaining);
    put_text(&w, "MQTT");
    put_u8(&w, 4); /* protocol level [3.1.2.2] */
    put_u8(&w, flags);
    put_u16(&w, c->keep_alive_s);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_text(&w, texts[i]);
    return end(&w);
}

size_t mqtt_put_publish(uint8_t *buf, size_t cap, const char *topic, const void *payload, size_t len, bool retain)
{
    struct writer w = begin(buf, cap, PUBLISH | (retain ? RETAIN : 0), text_size(topic) + len);
    put_text(&w, topic);
    put(&w, payload, len);
    return end(&w);
}

size_t mqtt_put_subscribe(uint8_t *buf, size_t cap, uint16_t id, const char *filter)
{
    struct writer w = begin(buf, cap, SUBSCRIBE, 2 + text_size(filter) + 1);
    put_u16(&w, id);
    put_text(&w, filter);
    put_u8(&w, 0);
    return end(&w);
}

size_t mqtt_put_unsubscribe(uint8_t *buf, size_t cap, uint16_t id, const char *filter)
{
    struct writer w = begin(buf, cap, UNSUBSCRIBE, 2 + text_size(filter));
    put_u16(&w, id);
    put_text(&w, filter);
    return end(&w);
}

size_t mqtt_put_ping(uint8_t *buf, size_t cap)
{
    struct writer w = begin(buf, cap, PINGREQ, 0);
    return end(&w);
}

size_t mqtt_put_disconnect(uint8_t *buf, size_t cap)
{
    struct writer w = begin(buf, cap, DISCONNECT, 0);
    return end(&w);
}
