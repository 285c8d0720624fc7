#include "app/services/mqtt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/phones/registry.h"
#include "mbedtls/platform_util.h"
#include "net/mqtt/mqtt.h"

#define BASE_MAX (SETTINGS_TEXT_MAX + 64)
#define TOPIC_MAX (BASE_MAX + PHONE_SERIAL_MAX + 32)
#define OUT_MAX (8192 + TOPIC_MAX + 64) /* an event's JSON, its topic, and what stands around them */
#define KEEP_ALIVE_S 15
#define ANSWER_MS 10000 /* for the broker: to accept us, to answer a ping */
#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS 60000
#define ROOM_FOR_CONTROL 64
#define SUBSCRIPTION 1 /* packet identifiers */
#define END_OF_SUBSCRIPTION 2

enum step {
    WAITING,  /* for the next try; or for settings with a broker */
    CALLING,  /* the TCP connection is not there yet */
    GREETING, /* CONNECT is out */
    CLEANING, /* what an earlier batch left with the broker comes in, and is taken away */
    TELLING,
};

struct mqtt_service {
    struct mqtt_service_options o;
    struct settings_mqtt settings; /* those of the connection */
    char base[BASE_MAX];
    enum step step;
    struct port_tcp *tcp;
    struct viewer *viewer;
    struct mqtt_reader reader;
    struct timer timer;
    uint64_t retry_ms;  /* how long to wait after the next failure */
    uint64_t answer_by; /* when the broker must have answered; 0: it owes nothing */
    uint64_t ping_at;
    size_t out_len, out_sent;
    uint8_t out[OUT_MAX];
};

static void pump(struct mqtt_service *m);

/* -- packets on their way ------------------------------------------------------------------------------------ */

/* What all topics begin with. */
static void base_of(const struct settings *settings, char out[BASE_MAX])
{
    snprintf(out, BASE_MAX, "%s/%s", settings->mqtt.topic, settings->box.name);
}

/* `name`: a MAC or a serial, which is of word characters only (app/phones/useragent.h), or "". */
static const char *topic_of(const struct mqtt_service *m, const char *kind, const char *name, char out[TOPIC_MAX])
{
    snprintf(out, TOPIC_MAX, "%s/%s%s%s", m->base, kind, name[0] ? "/" : "", name);
    return out;
}

/* All phones' topics. */
static const char *filter_of(const struct mqtt_service *m, char out[TOPIC_MAX])
{
    snprintf(out, TOPIC_MAX, "%s/phones/+", m->base);
    return out;
}

static size_t room(const struct mqtt_service *m)
{
    return OUT_MAX - m->out_len;
}

static uint8_t *tail(struct mqtt_service *m)
{
    return m->out + m->out_len;
}

static bool publish(struct mqtt_service *m, const char *kind, const char *name, const char *data, size_t len)
{
    char topic[TOPIC_MAX];
    size_t size = mqtt_put_publish(tail(m), room(m), topic_of(m, kind, name, topic), data, len, true);
    m->out_len += size;
    return size > 0;
}

static void write_out(struct mqtt_service *m)
{
    if (m->out_sent < m->out_len) {
        int sent = port_tcp_write(m->tcp, m->out + m->out_sent, m->out_len - m->out_sent, false);
        m->out_sent += sent > 0 ? (size_t)sent : 0;
    }
    if (m->out_sent < m->out_len)
        return;
    if (m->out_len > 0)
        m->ping_at = port_now_ms(m->o.port) + KEEP_ALIVE_S * 1000u;
    m->out_len = m->out_sent = 0;
}

/* -- coming and going --------------------------------------------------------------------------------------- */

static void sentence(const struct mqtt_service *m, const char *what, char out[300])
{
    char address[IP4_TEXT_MAX];
    snprintf(out, 300, "The MQTT broker %s port %u %s.", ip4_format(m->settings.broker, address), m->settings.port,
             what);
}

static void hang_up(struct mqtt_service *m)
{
    if (m->tcp)
        port_tcp_abort(m->tcp);
    if (m->viewer)
        events_leave(m->viewer);
    m->viewer = NULL;
    m->tcp = NULL;
    m->step = WAITING;
    m->answer_by = 0;
    m->out_len = m->out_sent = 0;
    timer_clear(m->o.timers, &m->timer);
}

static void fail(struct mqtt_service *m, const char *why)
{
    char line[300];
    hang_up(m);
    sentence(m, why, line);
    staging_warn(m->o.staging, "mqtt", line);
    timer_set(m->o.timers, &m->timer, port_now_ms(m->o.port) + m->retry_ms);
    m->retry_ms = m->retry_ms * 2 < RETRY_MAX_MS ? m->retry_ms * 2 : RETRY_MAX_MS;
}

static void greet(struct mqtt_service *m)
{
    char topic[TOPIC_MAX], id[40];
    snprintf(id, sizeof id, "stagebox-%.20s", staging_state_id(m->o.staging));
    struct mqtt_connect hello = {.client_id = id,
                                 .user = m->settings.user[0] ? m->settings.user : NULL,
                                 .password = m->settings.password[0] ? m->settings.password : NULL,
                                 .will_topic = topic_of(m, "status", "", topic),
                                 .will = "offline",
                                 .keep_alive_s = KEEP_ALIVE_S};
    mqtt_reader_init(&m->reader);
    m->out_sent = 0;
    m->out_len = mqtt_put_connect(m->out, OUT_MAX, &hello);
    m->step = GREETING;
    write_out(m);
}

/* The broker sends what is retained for a subscription before it answers a ping that comes after it. */
static void clean(struct mqtt_service *m)
{
    char filter[TOPIC_MAX];
    m->out_len += mqtt_put_subscribe(tail(m), room(m), SUBSCRIPTION, filter_of(m, filter));
    m->out_len += mqtt_put_ping(tail(m), room(m));
    m->answer_by = port_now_ms(m->o.port) + ANSWER_MS;
    m->step = CLEANING;
    write_out(m);
}

static void tell(struct mqtt_service *m)
{
    char filter[TOPIC_MAX], line[300];
    m->out_len += mqtt_put_unsubscribe(tail(m), room(m), END_OF_SUBSCRIPTION, filter_of(m, filter));
    publish(m, "status", "", "online", 6);
    m->step = TELLING;
    m->answer_by = 0;
    m->retry_ms = RETRY_FIRST_MS;
    m->viewer = events_join(m->o.events); /* everything is told anew */
    sentence(m, "is told of the batch", line);
    port_log(m->o.port, PORT_INFO, line);
    staging_warn(m->o.staging, "mqtt", NULL);
    pump(m);
}

/* -- what the broker says ----------------------------------------------------------------------------------- */

static bool is_known(const struct mqtt_service *m, const char *name)
{
    const struct registry *registry = staging_registry(m->o.staging);
    struct mac mac;
    if (registry_by_serial(registry, name))
        return true;
    return mac_parse(name, strlen(name), &mac) && registry_by_mac(registry, mac);
}

/* A phone of an earlier batch: its row goes. What does not fit goes at the next connection. */
static void on_message(struct mqtt_service *m)
{
    char prefix[TOPIC_MAX];
    size_t len = strlen(topic_of(m, "phones", "", prefix));
    const char *topic = m->reader.topic;
    bool ours = strncmp(topic, prefix, len) == 0 && topic[len] == '/';
    if (m->step != CLEANING || m->reader.empty || !ours || is_known(m, topic + len + 1))
        return;
    if (room(m) > strlen(topic) + ROOM_FOR_CONTROL)
        publish(m, "phones", topic + len + 1, "", 0);
}

/* False: the connection is gone. */
static bool on_event(struct mqtt_service *m, enum mqtt_event event)
{
    char why[200];
    bool answer = event == MQTT_ACCEPTED || event == MQTT_REFUSED; /* the first thing it says, and never again */
    if (event != MQTT_MORE && answer != (m->step == GREETING))
        event = MQTT_BAD;
    switch (event) {
    case MQTT_ACCEPTED:
        clean(m);
        return true;
    case MQTT_PONG:
        m->answer_by = 0;
        if (m->step == CLEANING)
            tell(m);
        return true;
    case MQTT_MESSAGE:
        on_message(m);
        return true;
    case MQTT_REFUSED:
        snprintf(why, sizeof why, "refuses the box: %s ([mqtt] user and password)",
                 mqtt_refusal_text(m->reader.code));
        fail(m, why);
        return false;
    case MQTT_BAD:
        fail(m, "does not speak MQTT");
        return false;
    default:
        return true;
    }
}

static const char *hang_up_words(const struct mqtt_service *m)
{
    return m->step == CALLING    ? "cannot be reached"
           : m->step == GREETING ? "has hung up without a word of MQTT"
                                 : "has hung up";
}

static void on_readable(void *ctx)
{
    struct mqtt_service *m = ctx;
    uint8_t buf[1024];
    int got = port_tcp_read(m->tcp, buf, sizeof buf);
    for (size_t at = 0, used; got > 0 && at < (size_t)got; at += used)
        if (!on_event(m, mqtt_read(&m->reader, buf + at, (size_t)got - at, &used)))
            return;
    if (got < 0)
        fail(m, hang_up_words(m));
    else
        pump(m);
}

static void on_writable(void *ctx)
{
    pump(ctx);
}

static void on_ended(void *ctx, enum port_end why)
{
    struct mqtt_service *m = ctx;
    (void)why;
    m->tcp = NULL;
    fail(m, hang_up_words(m));
}

static void on_connected(void *ctx)
{
    greet(ctx);
}

static const struct port_tcp_events tcp_events = {on_readable, on_writable, on_ended, on_connected};

/* -- what it is told ----------------------------------------------------------------------------------------- */

static void put_event(struct mqtt_service *m, const struct event *event)
{
    if (strcmp(event->kind, "phone") == 0)
        publish(m, "phones", event->name, event->data, event->len);
    else if (strcmp(event->kind, "gone") == 0)
        publish(m, "phones", event->name, "", 0);
    else if (strcmp(event->kind, "summary") == 0)
        publish(m, "summary", "", event->data, event->len);
}

static void pump(struct mqtt_service *m)
{
    struct event event;
    if (!m->tcp)
        return;
    write_out(m);
    while (m->step == TELLING && m->out_len == 0 && m->viewer && events_next(m->viewer, &event)) {
        put_event(m, &event);
        write_out(m);
    }
}

static void call(struct mqtt_service *m, uint64_t now)
{
    m->step = CALLING;
    m->answer_by = now + ANSWER_MS;
    if (port_tcp_connect_out(m->o.port, m->settings.broker, m->settings.port, &tcp_events, m, &m->tcp) < 0) {
        m->tcp = NULL;
        fail(m, "cannot be reached");
        return;
    }
    timer_set(m->o.timers, &m->timer, now + EVENTS_POLL_MS);
}

static void on_timer(void *ctx, struct timer *timer, uint64_t now)
{
    struct mqtt_service *m = ctx;
    if (m->step == WAITING) {
        call(m, now);
        return;
    }
    if (m->answer_by != 0 && now >= m->answer_by) {
        fail(m, m->step == CALLING ? "cannot be reached" : "does not answer");
        return;
    }
    if (m->step == TELLING && now >= m->ping_at && m->out_len == 0) {
        m->out_len += mqtt_put_ping(tail(m), room(m));
        m->answer_by = now + ANSWER_MS;
    }
    pump(m);
    if (m->tcp)
        timer_set(m->o.timers, timer, now + EVENTS_POLL_MS);
}

/* -- life ------------------------------------------------------------------------------------------------------ */

static void begin(struct mqtt_service *m)
{
    m->settings = m->o.settings->mqtt;
    m->retry_ms = RETRY_FIRST_MS;
    base_of(m->o.settings, m->base);
    if (m->settings.broker)
        timer_set(m->o.timers, &m->timer, port_now_ms(m->o.port));
}

static void leave(struct mqtt_service *m)
{
    if (m->step == TELLING && m->out_len == 0) {
        publish(m, "status", "", "offline", 7);
        m->out_len += mqtt_put_disconnect(tail(m), room(m));
        write_out(m);
        port_tcp_close(m->tcp);
        m->tcp = NULL;
    }
    hang_up(m);
}

struct mqtt_service *mqtt_service_open(const struct mqtt_service_options *options)
{
    struct mqtt_service *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->o = *options;
    timer_init(&m->timer, on_timer, m);
    begin(m);
    return m;
}

static bool same(const struct settings_mqtt *a, const struct settings_mqtt *b)
{
    return a->broker == b->broker && a->port == b->port && strcmp(a->user, b->user) == 0 &&
           strcmp(a->password, b->password) == 0 && strcmp(a->topic, b->topic) == 0;
}

void mqtt_service_reloaded(struct mqtt_service *m)
{
    char base[BASE_MAX];
    base_of(m->o.settings, base);
    if (strcmp(base, m->base) == 0 && same(&m->settings, &m->o.settings->mqtt))
        return;
    leave(m);
    staging_warn(m->o.staging, "mqtt", NULL);
    begin(m);
}

void mqtt_service_close(struct mqtt_service *m)
{
    if (!m)
        return;
    leave(m);
    mbedtls_platform_zeroize(m, sizeof *m);
    free(m);
}
