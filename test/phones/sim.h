/* sim.h - one run: the phones, their network, and what the run knows of the box. */
#ifndef PHONES_SIM_H
#define PHONES_SIM_H

#include "clock.h"
#include "delays.h"
#include "image.h"
#include "loop.h"
#include "macvlan.h"
#include "phone.h"
#include "wire.h"

struct sim_options {
    const char *interface;
    double factor;      /* of the clock */
    uint64_t seed;
    double flash;       /* seconds of a phone's time that writing an image takes */
    double spread;      /* phones are switched on over so many seconds of their time */
    double timeout;     /* real seconds; 0: none */
    double until;       /* real seconds; 0: until every phone has ended */
    double settle;      /* real seconds after the last has ended */
    bool verbose, quiet;
    bool no_arp;        /* phones know the box's MAC from its ACK: the kernel's one ARP table is too small for many */
    bool bad_cable;     /* what lies between corrupts frames: wrong checksums are no fault of the box */
    bool https_final;   /* the final configuration must not come by plain HTTP or TFTP */
    const char *report; /* file, NULL: none */
    const char *control; /* path of a UNIX socket, NULL: none */
    bool commands;      /* take commands from stdin */
};

struct sim {
    struct sim_options options;
    struct loop *loop;
    struct sim_clock clock;
    struct rng rng;
    struct macvlan links;
    struct wire *wire;
    struct catalogue *catalogue;
    struct tls_lab *lab; /* NULL: no phone can do TLS */
    struct image_memory images;
    struct delays first_bytes; /* from the start of a fetch, for whole files */
    char *template_text;       /* the final configuration's template; NULL: none */
    struct profile template_names; /* it, read as it is: names and unfilled values */
    char final_rule[URL_SIZE]; /* [profile] final_rule; "": none */
    char (*firmware)[NAME_SIZE]; /* every file in the box's firmware/, for greedy phones */
    size_t firmware_count;
    bool harm_ignored[HARM_COUNT];
    struct phone **phones;
    size_t phone_count, phone_room;
    unsigned next_number;
    unsigned harms;
    struct timer tick;
    uint64_t finished_since; /* loop_now() when all had ended; 0: not yet */
    uint64_t started, progress_at;
    char error[200];
    int exit_status;
};

/* NULL where no phone has that MAC, address or secret. */
struct phone *sim_find_mac(const struct sim *s, const struct mac *mac);
struct phone *sim_find_ip(const struct sim *s, uint32_t ip);
struct phone *sim_find_password(const struct sim *s, const char *text, size_t len);
/* Opens the network. False: s->error. Then the phones are added, and sim_run() runs until the end. */
bool sim_open(struct sim *s);
void sim_run(struct sim *s);
void sim_close(struct sim *s);
/* Adds a phone and switches it on after `delay` seconds of its time. False: s->error. */
bool sim_add(struct sim *s, const struct phone_plan *plan, double delay);
/* The final configuration as this phone shall have it; false: no template. The caller frees. */
bool sim_expected(const struct sim *s, const struct phone *p, struct profile *out);

#endif
