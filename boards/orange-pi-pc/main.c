/* main.c - joins the board, the card, the port and the appliance; begins anew whenever that ends. */
#include <stdio.h>
#include <string.h>

#include "app/appliance.h"
#include "boards/orange-pi-pc/console.h"
#include "boards/orange-pi-pc/emac.h"
#include "boards/orange-pi-pc/entropy.h"
#include "boards/orange-pi-pc/machine.h"
#include "boards/orange-pi-pc/mmu.h"
#include "boards/orange-pi-pc/sd.h"
#include "boards/orange-pi-pc/timer.h"
#include "boards/orange-pi-pc/uart.h"
#include "ports/lwip/fatfs.h"
#include "ports/lwip/lwip.h"

#define SETTINGS_FILE "stagebox.ini"
#define BLINK_MS 250
#define AGAIN_MS 1000
#define USAGE_MS 1000
#define NEIGHBOURS 128 /* the oldest makes room */

static struct {
    const char *sentence;
    int64_t wall_less_monotonic; /* ms */
    uint64_t told_ms;            /* of usage */
    bool ready, told_short_ring;
    struct console console;
    struct fatfs *fatfs;
    struct port *port;
} self;

/* -- clocks ------------------------------------------------------------------------------------------------- */

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return timer_ms();
}

static uint64_t now_us(void *ctx)
{
    (void)ctx;
    return timer_us();
}

/* Where nobody has set it the clock began in 1970: the port sees that. */
static bool wall_ms(void *ctx, int64_t *unix_ms)
{
    (void)ctx;
    *unix_ms = self.wall_less_monotonic + (int64_t)timer_ms();
    return true;
}

static int set_wall_ms(void *ctx, int64_t unix_ms)
{
    (void)ctx;
    rtc_write_ms(unix_ms);
    self.wall_less_monotonic = unix_ms - (int64_t)timer_ms();
    return 0;
}

/* -- what the port asks -------------------------------------------------------------------------------------- */

static const char *sentence(void *ctx)
{
    (void)ctx;
    return self.sentence;
}

static int random_bytes(void *ctx, void *buf, size_t len)
{
    (void)ctx;
    self.sentence = entropy_sentence();
    return entropy_random(buf, len);
}

static void say(void *ctx, enum port_level level, const char *line)
{
    (void)ctx;
    console_say(&self.console, level, line);
}

/* There is one interface, whatever it is called. */
static int net_open(void *ctx, const char *name, struct board_net *out)
{
    (void)ctx;
    (void)name;
    out->mtu = 1500;
    if (emac_start(&out->mac))
        return 0;
    self.sentence = "the Ethernet controller or its PHY does not answer";
    return PORT_E_SYSTEM;
}

static bool link_up(void *ctx)
{
    (void)ctx;
    return emac_link_up();
}

static size_t receive(void *ctx, void *frame, size_t cap)
{
    (void)ctx;
    return emac_receive(frame, cap);
}

static bool send_frame(void *ctx, const struct board_span *parts, size_t n)
{
    (void)ctx;
    return emac_send(parts, n);
}

static void alive(void *ctx)
{
    (void)ctx;
    watchdog_feed();
    led_set(self.ready || timer_ms() / BLINK_MS % 2 == 0);
    emac_link_up();
    console_turn(&self.console);
}

/* What the build asserts, for the machine as it is. */
static void compare_with_ring(uint64_t work_us)
{
    static const char text[] = "a piece of a private-key operation took longer than the receive ring lasts at line rate";
    if (work_us <= EMAC_RING_US || self.told_short_ring)
        return;
    self.told_short_ring = true;
    console_say(&self.console, PORT_WARNING, text);
}

static void tell_usage(void)
{
    size_t loaded = fatfs_loaded(self.fatfs);
    struct console_usage usage = {.heap = memory_heap_used() - loaded, .stack = memory_stack_used(),
                                  .work_us = port_lwip_longest_work_us(self.port), .overruns = emac_overruns()};
    console_tell_usage(&self.console, &usage, loaded);
    compare_with_ring(usage.work_us);
}

/* Once a turn of the port's loop. */
static void turned(void *ctx)
{
    alive(ctx);
    if (timer_ms() - self.told_ms < USAGE_MS)
        return;
    self.told_ms = timer_ms();
    tell_usage();
}

static void wait_for_frames(void *ctx, uint64_t until_ms)
{
    (void)ctx;
    uint64_t now = timer_us(), most = now + AGAIN_MS * 1000; /* for the watchdog */
    if (console_pending(&self.console))
        most = now + CONSOLE_MS * 1000;
    emac_wait(until_ms < most / 1000 ? until_ms * 1000 : most);
}

static void ready(void *ctx)
{
    (void)ctx;
    self.ready = true;
}

static void fill(struct board *board)
{
    *board = (struct board){
        .sentence = sentence, .now_ms = now_ms, .now_us = now_us, .wall_ms = wall_ms, .set_wall_ms = set_wall_ms, .random = random_bytes,
        .log = say, .net_open = net_open, .link_up = link_up, .receive = receive, .ring = EMAC_RING, .neighbours = NEIGHBOURS, .send = send_frame,
        .wait = wait_for_frames, .alive = turned, .ready = ready, .files = &fatfs_files, .files_ctx = self.fatfs};
}

/* -- one life after the other ---------------------------------------------------------------------------------- */

static void wait_a_second(void)
{
    uint64_t since = timer_ms();
    while (timer_ms() - since < AGAIN_MS)
        alive(NULL);
}

static void feed_watchdog(void *ctx)
{
    (void)ctx;
    watchdog_feed();
}

static struct fatfs *open_card(struct block_device *device)
{
    char why[120];
    const char *reason;
    *device = (struct block_device){.alive = feed_watchdog, .wall_ms = wall_ms};
    if (!sd_start(device, &reason)) {
        console_say(&self.console, PORT_ERROR, reason);
        return NULL;
    }
    struct fatfs *fatfs = fatfs_open(device, why, sizeof why);
    if (fatfs == NULL)
        console_say(&self.console, PORT_ERROR, why);
    return fatfs;
}

static void run_once(void)
{
    struct board board;
    fill(&board);
    if (!entropy_start(board.files, board.files_ctx))
        console_say(&self.console, PORT_WARNING, entropy_sentence());
    self.port = port_lwip_open(&board);
    if (self.port == NULL) {
        console_say(&self.console, PORT_ERROR, "no memory");
        return;
    }
    struct problems problems = {.add = console_problem, .ctx = &self.console};
    struct appliance_options options = {.port = self.port, .file = SETTINGS_FILE, .problems = &problems,
                                        .no_shell = true, .show = console_line, .show_ctx = &self.console};
    appliance_run(&options);
    self.ready = false;
    port_lwip_close(self.port);
    self.port = NULL;
}

int main(void)
{
    mmu_start();
    uart_start();
    timer_start();
    led_start();
    watchdog_start();
    uart_say("\nstagebox %s on Allwinner H3, the counter has %lu Hz\n", STAGEBOX_VERSION, (unsigned long)timer_hz());
    self.wall_less_monotonic = rtc_read_ms() - (int64_t)timer_ms();
    for (;;) {
        struct block_device device;
        self.fatfs = open_card(&device);
        if (self.fatfs != NULL) {
            run_once();
            fatfs_close(self.fatfs);
            self.fatfs = NULL;
        }
        wait_a_second();
    }
}
