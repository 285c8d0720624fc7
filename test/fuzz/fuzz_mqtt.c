/* A hostile broker: the first byte says in what pieces the rest arrives. What is published can be read again. */
#include <stdlib.h>
#include <string.h>

#include "net/mqtt/mqtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool held)
{
    if (!held)
        abort();
}

static void check(const struct mqtt_reader *r, enum mqtt_event event)
{
    if (event == MQTT_REFUSED)
        demand(r->code != 0 && mqtt_refusal_text(r->code)[0] != '\0');
    if (event == MQTT_MESSAGE) {
        demand(memchr(r->topic, 0, MQTT_HEAD_MAX) != NULL);
        demand(strlen(r->topic) + 2 <= r->size);
    }
}

/* A piece, in an allocation of exactly its size. */
static void read_piece(struct mqtt_reader *r, const uint8_t *data, size_t len)
{
    uint8_t *piece = malloc(len);
    demand(piece != NULL);
    memcpy(piece, data, len);
    for (size_t at = 0, used; at < len; at += used) {
        enum mqtt_event event = mqtt_read(r, piece + at, len - at, &used);
        demand(used <= len - at && (event != MQTT_MORE || used == len - at));
        check(r, event);
        if (event == MQTT_BAD) {
            demand(mqtt_read(r, piece, len, &used) == MQTT_BAD && used == 0);
            break;
        }
        demand(used > 0);
    }
    free(piece);
}

/* The input as a topic and as a payload, into a buffer of a size that it chooses. */
static void there_and_back(const uint8_t *data, size_t size)
{
    static uint8_t buf[4096];
    static struct mqtt_reader r;
    char topic[200] = "t";
    size_t used, cap = (size_t)data[0] * 16, len;
    memcpy(topic + 1, data, size < sizeof topic - 2 ? size : sizeof topic - 2);
    len = mqtt_put_publish(buf, cap, topic, data, size, (data[0] & 1) != 0);
    demand(len <= cap);
    mqtt_reader_init(&r);
    if (len > 0) {
        demand(mqtt_read(&r, buf, len, &used) == MQTT_MESSAGE && used == len);
        demand(strcmp(r.topic, topic) == 0 && r.empty == (size == 0));
    }
    struct mqtt_connect connect = {
        .client_id = topic, .user = topic, .password = topic, .will_topic = topic, .will = topic};
    demand(mqtt_put_connect(buf, cap, &connect) <= cap && mqtt_put_subscribe(buf, cap, 1, topic) <= cap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mqtt_reader *r = malloc(sizeof *r);
    if (size > 0 && r != NULL) {
        size_t step = data[0] + 1u;
        mqtt_reader_init(r);
        for (size_t at = 1; at < size; at += step)
            read_piece(r, data + at, size - at < step ? size - at : step);
        there_and_back(data, size);
    }
    free(r);
    return 0;
}
