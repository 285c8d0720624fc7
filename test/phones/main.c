#include "batch.h"
#include "control.h"
#include "mem.h"
#include "report.h"
#include "sim.h"
#include "template.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A rung takes about 190 s with loading and booting (field-notes). */
enum { MAX_SCRIPTS = 16, FLASH_SECONDS = 130 };

struct arguments {
    struct sim_options sim;
    const char *scripts[MAX_SCRIPTS];
    size_t script_count;
    size_t mixed;
    const char *target;
    const char *template;
    const char *certs;
    bool print_inventory, print_template, print_firmware, print_phones;
};

static const char usage[] =
    "usage: phones --interface IFACE [--script FILE.json]… [--mixed N] [options]\n"
    "  --clock FACTOR      the phones' time runs so many times faster (1)\n"
    "  --seed N            of everything that is left to chance (1)\n"
    "  --target VERSION    where phones of the mix end (7.6.1)\n"
    "  --template FILE     the final configuration's template; `none`: there is none\n"
    "  --flash SECONDS     writing an image takes so many seconds of a phone's time (130)\n"
    "  --spread SECONDS    the phones are switched on over so many seconds of their time (10)\n"
    "  --until done|SECONDS, --timeout SECONDS, --settle SECONDS   real time (done, 600, 2)\n"
    "  --certs FOLDER      phones do TLS with what make_certs.py made there\n"
    "  --no-arp            phones know the box's MAC by DHCP (the kernel's ARP table has 1024 places for all)\n"
    "  --bad-cable         wrong checksums are the cable's fault\n"
    "  --https-final       the final configuration must not come in clear\n"
    "  --report FILE       JSON, `-` for stdout\n"
    "  --control PATH, --commands   take commands from a socket, from stdin; then it ends by `quit` or time-out only\n"
    "  --print-inventory, --print-phones, --print-template, --print-firmware, --list-quirks   print it and end\n"
    "  -v, -q              tell every event; tell only harms\n";

enum option_id { O_INTERFACE = 256, O_SCRIPT, O_MIXED, O_CLOCK, O_SEED, O_TARGET, O_TEMPLATE, O_SPREAD, O_UNTIL,
    O_TIMEOUT, O_SETTLE, O_HTTPS_FINAL, O_REPORT, O_CONTROL, O_COMMANDS, O_INVENTORY, O_PRINT_TEMPLATE, O_FIRMWARE,
    O_QUIRKS, O_PHONES, O_CERTS, O_FLASH, O_BAD_CABLE, O_NO_ARP, O_HELP };

static const struct option options[] = {
    {"interface", required_argument, NULL, O_INTERFACE}, {"script", required_argument, NULL, O_SCRIPT},
    {"mixed", required_argument, NULL, O_MIXED},         {"clock", required_argument, NULL, O_CLOCK},
    {"seed", required_argument, NULL, O_SEED},           {"target", required_argument, NULL, O_TARGET},
    {"template", required_argument, NULL, O_TEMPLATE},   {"spread", required_argument, NULL, O_SPREAD},
    {"until", required_argument, NULL, O_UNTIL},         {"timeout", required_argument, NULL, O_TIMEOUT},
    {"settle", required_argument, NULL, O_SETTLE},       {"https-final", no_argument, NULL, O_HTTPS_FINAL},
    {"report", required_argument, NULL, O_REPORT},       {"control", required_argument, NULL, O_CONTROL},
    {"commands", no_argument, NULL, O_COMMANDS},         {"print-inventory", no_argument, NULL, O_INVENTORY},
    {"certs", required_argument, NULL, O_CERTS},         {"print-phones", no_argument, NULL, O_PHONES},
    {"print-template", no_argument, NULL, O_PRINT_TEMPLATE}, {"print-firmware", no_argument, NULL, O_FIRMWARE},
    {"no-arp", no_argument, NULL, O_NO_ARP},
    {"bad-cable", no_argument, NULL, O_BAD_CABLE},
    {"list-quirks", no_argument, NULL, O_QUIRKS},        {"help", no_argument, NULL, O_HELP},
    {"flash", required_argument, NULL, O_FLASH},
    {NULL, 0, NULL, 0},
};

static void stop_with(int status, const char *text)
{
    fputs(text, status == 0 ? stdout : stderr);
    exit(status);
}

static void take_option(struct arguments *a, int id)
{
    struct sim_options *o = &a->sim;
    switch (id) {
    case O_INTERFACE: o->interface = optarg; break;
    case O_SCRIPT:
        if (a->script_count < MAX_SCRIPTS)
            a->scripts[a->script_count++] = optarg;
        break;
    case O_MIXED: a->mixed = strtoul(optarg, NULL, 10); break;
    case O_CLOCK: o->factor = strtod(optarg, NULL); break;
    case O_SEED: o->seed = strtoull(optarg, NULL, 10); break;
    case O_TARGET: a->target = optarg; break;
    case O_TEMPLATE: a->template = optarg; break;
    case O_FLASH: o->flash = strtod(optarg, NULL); break;
    case O_SPREAD: o->spread = strtod(optarg, NULL); break;
    case O_UNTIL: o->until = strcmp(optarg, "done") == 0 ? 0 : strtod(optarg, NULL); break;
    case O_TIMEOUT: o->timeout = strtod(optarg, NULL); break;
    case O_SETTLE: o->settle = strtod(optarg, NULL); break;
    case O_NO_ARP: o->no_arp = true; break;
    case O_BAD_CABLE: o->bad_cable = true; break;
    case O_HTTPS_FINAL: o->https_final = true; break;
    case O_REPORT: o->report = optarg; break;
    case O_CONTROL: o->control = optarg; break;
    case O_COMMANDS: o->commands = true; break;
    case O_INVENTORY: a->print_inventory = true; break;
    case O_CERTS: a->certs = optarg; break;
    case O_PHONES: a->print_phones = true; break;
    case O_PRINT_TEMPLATE: a->print_template = true; break;
    case O_FIRMWARE: a->print_firmware = true; break;
    case O_QUIRKS: quirks_print(stdout); exit(0);
    case O_HELP: stop_with(0, usage); break;
    case 'v': o->verbose = true; break;
    case 'q': o->quiet = true; break;
    default: stop_with(2, usage);
    }
}

static struct arguments read_arguments(int argc, char **argv)
{
    struct arguments a = {.target = "7.6.1"};
    a.sim = (struct sim_options){.factor = 1, .seed = 1, .flash = FLASH_SECONDS, .spread = 10, .timeout = 600, .settle = 2};
    int id;
    while ((id = getopt_long(argc, argv, "vq", options, NULL)) != -1)
        take_option(&a, id);
    if (optind != argc || a.sim.factor <= 0 || (a.mixed == 0 && a.script_count == 0 && !a.sim.commands &&
        a.sim.control == NULL && !a.print_template && !a.print_firmware))
        stop_with(2, usage);
    return a;
}

static void fail(const char *why)
{
    fprintf(stderr, "phones: %s\n", why);
    exit(2);
}

static void load_batch(const struct arguments *a, struct batch *b)
{
    batch_init(b, a->sim.seed, a->target);
    for (size_t i = 0; i < a->script_count; i++)
        if (!batch_load(b, a->scripts[i]))
            fail(b->error);
    if (a->mixed > 0 && !batch_mixed(b, a->mixed))
        fail(b->error);
}

static char *load_template(const struct arguments *a, const struct batch *b)
{
    const char *path = a->template ? a->template : b->template_path;
    char why[200];
    if (path == NULL)
        return b->no_template ? NULL : mem_text(template_builtin());
    if (strcmp(path, "none") == 0)
        return NULL;
    char *text = template_load(path, why, sizeof why);
    if (text == NULL)
        fail(why);
    return text;
}

/* True: something was printed, and that is all. */
static bool print_wanted(const struct arguments *a, const struct batch *b, const char *template)
{
    if (a->print_template && template != NULL)
        fputs(template, stdout);
    if (a->print_firmware)
        for (const char *const *f = batch_mixed_firmware(); *f != NULL; f++)
            puts(*f);
    if (a->print_inventory) {
        inventory_print(NULL);
        for (size_t i = 0; i < b->count; i++)
            if (!b->plans[i].unlisted)
                inventory_print(&b->plans[i]);
    }
    if (a->print_phones)
        for (size_t i = 0; i < b->count; i++)
            printf("%s %s %s\n", mac_lower(&b->plans[i].mac).s, b->plans[i].model->name, b->plans[i].version);
    return a->print_template || a->print_firmware || a->print_inventory || a->print_phones;
}

static void fill_sim(struct sim *s, const struct arguments *a, const struct batch *b, char *template)
{
    s->options = a->sim;
    s->options.https_final = a->sim.https_final || b->https_final;
    s->loop = loop_new();
    s->clock = (struct sim_clock){.factor = a->sim.factor, .origin_ms = loop_now(s->loop)};
    s->rng.state = a->sim.seed * 0x9e3779b9u + 7;
    char why[400];
    if (a->certs != NULL && (s->lab = tls_lab_open(a->certs, why, sizeof why)) == NULL)
        fail(why);
    s->catalogue = catalogue_new();
    s->template_text = template;
    s->firmware = b->firmware;
    s->firmware_count = b->firmware_count;
    memcpy(s->harm_ignored, b->harm_ignored, sizeof s->harm_ignored);
    text_copy(s->final_rule, sizeof s->final_rule, b->final_rule);
    if (template == NULL)
        return;
    if (!profile_parse((const uint8_t *)template, strlen(template), &s->template_names))
        fail(s->template_names.error);
    for (size_t i = 0; i < s->template_names.count; i++)
        catalogue_add(s->catalogue, s->template_names.items[i].name);
}

static void add_phones(struct sim *s, const struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        double delay = s->options.spread * (double)i / (double)b->count;
        if (!sim_add(s, &b->plans[i], delay))
            fail(s->error);
    }
}

static void signalled(void *ctx, uint32_t events)
{
    struct sim *s = ctx;
    (void)events;
    loop_stop(s->loop);
}

/* SIGINT and SIGTERM end the run in good order: the report is written and the interfaces are removed. */
static void watch_signals(struct sim *s, struct watch *w)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    *w = (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC), .ready = signalled, .ctx = s};
    loop_watch(s->loop, w, EPOLLIN);
}

int main(int argc, char **argv)
{
    struct arguments a = read_arguments(argc, argv);
    struct batch batch;
    struct sim sim = {0};
    struct watch signals;
    load_batch(&a, &batch);
    char *template = load_template(&a, &batch);
    if (print_wanted(&a, &batch, template)) {
        free(template);
        batch_free(&batch);
        return 0;
    }
    if (a.sim.interface == NULL)
        stop_with(2, usage);
    fill_sim(&sim, &a, &batch, template);
    if (!sim_open(&sim))
        fail(sim.error);
    watch_signals(&sim, &signals);
    struct control *control = control_open(&sim, &batch);
    if (control == NULL)
        fail(sim.error);
    add_phones(&sim, &batch);
    sim_run(&sim);
    if (a.sim.report != NULL && !report_write(&sim, a.sim.report))
        fail(strerror(errno));
    control_close(control);
    sim_close(&sim);
    loop_free(sim.loop);
    close(signals.fd);
    batch_free(&batch);
    return sim.exit_status;
}
