/* internal.h - what the files of the Linux port share. */
#ifndef STAGEBOX_PORTS_LINUX_INTERNAL_H
#define STAGEBOX_PORTS_LINUX_INTERNAL_H

#include "ports/linux/linux.h"

#define SENTENCE_MAX 512

/* The wall clock as the operator set it, where the system's may not be set. */
struct own_clock {
    bool set;
    int64_t wall_less_monotonic; /* ms */
    int64_t system_when_set;     /* the system's own difference then */
};

struct port {
    struct port_linux_options options;
    char sentence[SENTENCE_MAX];
    uint64_t now_ms;
    bool running; /* inside port_run(): now_ms is kept */
    struct own_clock clock;
};

/* Keeps the sentence and returns the error. */
int fail(struct port *port, enum port_error error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The port's error for an errno. */
enum port_error error_of(int number);

/* clock.c */
uint64_t clock_monotonic_ms(void);

#endif
