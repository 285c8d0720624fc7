#include "net/mqtt/mqtt.h"

#include <string.h>

enum packet { CONNACK = 2, PUBLISH = 3, SUBACK = 9, UNSUBACK = 11, PINGRESP = 13 };
/* Bytes of the remaining length are counted from LENGTH on. */
enum state { TYPE, LENGTH, LENGTH_END = LENGTH + 4, BODY, BAD };

void mqtt_reader_init(struct mqtt_reader *r)
{
    memset(r, 0, sizeof *r);
    r->topic = "";
}

static enum mqtt_event bad(struct mqtt_reader *r)
{
    r->state = BAD;
    return MQTT_BAD;
}

/* [3.2]: flags, of which all but the first are 0, and the return code. */
static enum mqtt_event connack(struct mqtt_reader *r)
{
    if (r->size != 2 || r->head[0] > 1)
        return bad(r);
    r->code = r->head[1];
    return r->code == 0 ? MQTT_ACCEPTED : MQTT_REFUSED;
}

/* [3.3]: the topic behind its length, for QoS above 0 a packet identifier, the payload. */
static enum mqtt_event message(struct mqtt_reader *r)
{
    size_t topic = r->size >= 2 ? (size_t)r->head[0] << 8 | r->head[1] : 0;
    size_t before = 2 + topic + ((r->type & 6) != 0 ? 2 : 0);
    if (topic == 0 || before > r->size)
        return bad(r);
    r->empty = before == r->size;
    r->topic = "";
    if (2 + topic <= MQTT_HEAD_MAX) {
        r->head[2 + topic] = '\0';
        r->topic = (const char *)r->head + 2;
    }
    return MQTT_MESSAGE;
}

static enum mqtt_event ended(struct mqtt_reader *r)
{
    r->state = TYPE;
    switch (r->type >> 4) {
    case CONNACK:
        return connack(r);
    case PUBLISH:
        return message(r);
    case PINGRESP:
        return MQTT_PONG;
    default:
        return MQTT_OTHER;
    }
}

/* Seven bits a byte, the lowest first; at most four [2.2.3]. */
static enum mqtt_event length(struct mqtt_reader *r, uint8_t byte)
{
    r->size |= (uint32_t)(byte & 0x7f) << 7 * (r->state - LENGTH);
    r->state++;
    if ((byte & 0x80) != 0)
        return r->state == LENGTH_END ? bad(r) : MQTT_MORE;
    r->state = BODY;
    return r->size == 0 ? ended(r) : MQTT_MORE;
}

/* What a broker may send to a client that does everything with QoS 0, with the flags that stand there [2.2.2]. */
static bool is_sent_by_brokers(uint8_t first)
{
    unsigned flags = first & 0xfu;
    switch (first >> 4) {
    case PUBLISH:
        return (flags & 6) != 6; /* there is no QoS 3 [3.3.1.2] */
    case CONNACK:
    case SUBACK:
    case UNSUBACK:
    case PINGRESP:
        return flags == 0;
    default:
        return false;
    }
}

static enum mqtt_event header(struct mqtt_reader *r, const uint8_t *in, size_t len, size_t *used)
{
    enum mqtt_event event = MQTT_MORE;
    for (*used = 0; *used < len && event == MQTT_MORE && r->state < BODY; ++*used) {
        if (r->state != TYPE) {
            event = length(r, in[*used]);
            continue;
        }
        r->type = in[*used];
        if (!is_sent_by_brokers(r->type))
            return bad(r);
        r->size = r->got = 0;
        r->state = LENGTH;
    }
    return event;
}

static enum mqtt_event body(struct mqtt_reader *r, const uint8_t *in, size_t len, size_t *used)
{
    size_t part = len < r->size - r->got ? len : r->size - r->got;
    size_t room = r->got < MQTT_HEAD_MAX ? MQTT_HEAD_MAX - r->got : 0;
    memcpy(r->head + (room > 0 ? r->got : 0), in, part < room ? part : room);
    r->got += (uint32_t)part;
    *used += part;
    return r->got == r->size ? ended(r) : MQTT_MORE;
}

enum mqtt_event mqtt_read(struct mqtt_reader *r, const uint8_t *in, size_t len, size_t *used)
{
    *used = 0;
    if (r->state == BAD)
        return MQTT_BAD;
    enum mqtt_event event = header(r, in, len, used);
    if (event != MQTT_MORE || r->state != BODY || *used == len)
        return event;
    return body(r, in + *used, len - *used, used);
}

const char *mqtt_refusal_text(uint8_t code)
{
    static const char *const texts[] = {"no reason",
                                        "it does not speak MQTT 3.1.1",
                                        "it refuses this client's name",
                                        "it has no room or is not ready",
                                        "user or password are wrong",
                                        "this user may not connect"};
    return code < sizeof texts / sizeof *texts ? texts[code] : "a reason that MQTT 3.1.1 does not know";
}
