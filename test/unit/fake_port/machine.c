/* machine.c - the life of a fake port, its clock, entropy, log and planned failures. */
#include "test/unit/fake_port/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_die(const char *what)
{
    fprintf(stderr, "fake port: %s\n", what);
    abort();
}

void fake_check(bool fine, const char *what)
{
    if (!fine)
        fake_die(what);
}

void *fake_alloc(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    fake_check(memory != NULL, "out of memory");
    return memory;
}

static void reset(struct port *port)
{
    port->hooks = (struct port_hooks){0};
    port->script = NULL;
    port->hooked = port->stopped = port->ready = port->dropped = port->hold_sync = false;
    port->deadline = UINT64_MAX;
    port->connections = 128;
    port->ephemeral = 49152;
    port->udp_lose = 0;
    port->sentence[0] = '\0';
    memset(port->failures, 0, sizeof port->failures);
}

struct port *fake_port_new(void)
{
    struct port *port = fake_alloc(sizeof *port);
    reset(port);
    port->now = 1000;
    port->random = 0x9e3779b97f4a7c15u;
    port->room = UINT64_MAX;
    port->interface = (struct port_interface){.name = "eth0", .mac = {{2, 0, 0, 0, 0, 1}}, .mtu = 1500, .up = true};
    return port;
}

static void forget_log(struct port *port)
{
    for (size_t i = 0; i < port->line_count; i++)
        free(port->lines[i].text);
    free(port->lines);
    port->lines = NULL;
    port->line_count = 0;
}

void fake_port_restart(struct port *port)
{
    fake_check(!port->in_callback, "restarted from inside a callback");
    fake_udp_forget(port);
    fake_frames_forget(port);
    fake_tcp_forget(port);
    fake_card_forget(port);
    port_work_stop(port);
    port->work_held = false;
    forget_log(port);
    reset(port);
}

void fake_port_power_cut(struct port *port)
{
    for (struct fake_file *file = port->files; file != NULL; file = file->next)
        if (file->has_durable)
            fake_bytes_set(&file->content, file->durable.data, file->durable.len);
    fake_port_restart(port);
}

void fake_port_free(struct port *port)
{
    fake_port_restart(port);
    fake_tcp_free(port);
    fake_card_free(port);
    free(port);
}

uint64_t port_now_ms(const struct port *port)
{
    return port->now;
}

uint64_t fake_now(const struct port *port)
{
    return port->now;
}

void fake_set_now(struct port *port, uint64_t now_ms)
{
    fake_check(now_ms >= port->now, "the clock was put back");
    port->now = now_ms;
}

bool port_wall_ms(const struct port *port, int64_t *unix_ms)
{
    if (port->wall_set)
        *unix_ms = port->wall_less_now + (int64_t)port->now;
    return port->wall_set;
}

void fake_set_wall(struct port *port, bool set, int64_t unix_ms)
{
    port->wall_set = set;
    port->wall_less_now = unix_ms - (int64_t)port->now;
}

int port_set_wall_ms(struct port *port, int64_t unix_ms)
{
    int error = fake_planned(port, FAKE_SET_WALL);
    if (error == 0)
        fake_set_wall(port, true, unix_ms);
    return error;
}

const struct tls_rsa_engine *port_rsa(const struct port *port)
{
    (void)port;
    return NULL;
}

int port_random(struct port *port, void *buf, size_t len)
{
    int error = fake_planned(port, FAKE_RANDOM);
    if (error != 0)
        return error;
    for (size_t i = 0; i < len; i++) {
        port->random ^= port->random << 13;
        port->random ^= port->random >> 7;
        port->random ^= port->random << 17;
        ((uint8_t *)buf)[i] = (uint8_t)(port->random >> 32);
    }
    return 0;
}

void port_log(struct port *port, enum port_level level, const char *line)
{
    port->lines = realloc(port->lines, (port->line_count + 1) * sizeof *port->lines);
    fake_check(port->lines != NULL, "out of memory");
    size_t size = strlen(line) + 1;
    char *text = fake_alloc(size);
    memcpy(text, line, size);
    port->lines[port->line_count++] = (struct fake_line){level, text};
    if (port->show_log)
        fprintf(stderr, "[%d] %s\n", (int)level, line);
}

size_t fake_log_count(const struct port *port)
{
    return port->line_count;
}

const char *fake_log_line(const struct port *port, size_t at, enum port_level *level)
{
    fake_check(at < port->line_count, "no such log line");
    if (level != NULL)
        *level = port->lines[at].level;
    return port->lines[at].text;
}

const char *fake_log_find(const struct port *port, size_t from, const char *part)
{
    for (size_t i = from; i < port->line_count; i++)
        if (strstr(port->lines[i].text, part) != NULL)
            return port->lines[i].text;
    return NULL;
}

void fake_log_show(struct port *port, bool show)
{
    port->show_log = show;
}

const char *port_error_sentence(const struct port *port)
{
    return port->sentence;
}

int fake_error(struct port *port, enum port_error error, const char *sentence)
{
    snprintf(port->sentence, sizeof port->sentence, "%s", sentence);
    return (int)error;
}

void fake_fail(struct port *port, enum fake_op op, int skip, int times, enum port_error error, const char *sentence)
{
    struct fake_failure *failure = &port->failures[op];
    failure->skip = skip;
    failure->times = times;
    failure->error = error;
    snprintf(failure->sentence, sizeof failure->sentence, "%s", sentence != NULL ? sentence : "the test said so");
}

int fake_planned(struct port *port, enum fake_op op)
{
    struct fake_failure *failure = &port->failures[op];
    if (failure->times == 0)
        return 0;
    if (failure->skip > 0) {
        failure->skip--;
        return 0;
    }
    if (failure->times > 0)
        failure->times--;
    return fake_error(port, failure->error, failure->sentence);
}

uint64_t fake_seq(const struct port *port)
{
    return port->seq;
}
