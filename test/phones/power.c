#include "phone.h"

#include "mem.h"
#include "sim.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

enum { LOADER_SECONDS = 5, APPLICATION_SECONDS = 20, LOADER_PATIENCE_MS = 4000, PLUG_SECONDS = 10 };

static void set_address(struct phone *p, uint32_t ip, uint32_t mask)
{
    struct macvlan *links = &p->sim->links;
    if (p->station.ip == ip)
        return;
    if (p->station.ip != 0)
        macvlan_address(links, p->station.ifindex, p->station.ip, p->station.mask, false);
    p->station.ip = 0;
    if (ip == 0)
        return;
    p->station.mask = mask ? mask : 0xffffff00u;
    if (macvlan_address(links, p->station.ifindex, ip, p->station.mask, true))
        p->station.ip = ip;
    else
        phone_event(p, "error", "%s", links->error);
}

static const uint8_t long_list[] = {1, 3, 6, 12, 15, 42, 43, 60, 66, 125, 150, 159, 160};
static const uint8_t short_list[] = {1, 3, 6};

static void set_wanted(const struct phone *p, struct dhcp_manners *m)
{
    int choice = p->quirks.value[QUIRK_PRL];
    const uint8_t *list = choice == PRL_FULL ? long_list : short_list;
    m->wanted_len = choice == PRL_FULL ? sizeof long_list : choice == PRL_SHORT ? sizeof short_list : 0;
    memcpy(m->wanted, list, m->wanted_len);
}

static void set_client_id(const struct phone *p, struct dhcp_manners *m)
{
    static const uint8_t duid_head[] = {255, 0, 0, 0, 1, 0, 3, 0, 1}; /* RFC 4361: IAID 1, DUID-LL, Ethernet */
    int choice = p->quirks.value[QUIRK_CLIENT_ID];
    if (choice == CLIENT_ID_MAC) {
        m->client_id[0] = 1;
        memcpy(m->client_id + 1, p->station.mac.b, 6);
        m->client_id_len = 7;
    } else if (choice == CLIENT_ID_DUID) {
        memcpy(m->client_id, duid_head, sizeof duid_head);
        memcpy(m->client_id + sizeof duid_head, p->station.mac.b, 6);
        m->client_id_len = sizeof duid_head + 6;
    }
}

static void set_vendor_class(const struct phone *p, struct dhcp_manners *m)
{
    switch (p->quirks.value[QUIRK_OPTION60]) {
    case OPTION60_MODEL: snprintf(m->vendor_class, sizeof m->vendor_class, "%s", p->model->vendor_class); break;
    case OPTION60_LONG:
        snprintf(m->vendor_class, sizeof m->vendor_class, "Cisco Systems, Inc. IP Phone %s", p->model->name);
        break;
    case OPTION60_LINKSYS:
        snprintf(m->vendor_class, sizeof m->vendor_class, "LINKSYS SPA-%s", p->model->psn);
        break;
    default: break;
    }
}

static struct dhcp_manners application_manners(const struct phone *p)
{
    struct dhcp_manners m = {.clock_factor = p->sim->clock.factor};
    m.broadcast = p->quirks.value[QUIRK_BROADCAST];
    m.arp_check = p->quirks.value[QUIRK_ARP_CHECK];
    m.inform = p->quirks.value[QUIRK_INFORM];
    snprintf(m.host_name, sizeof m.host_name, "SEP%s", mac_upper(&p->station.mac).s);
    set_vendor_class(p, &m);
    set_client_id(p, &m);
    set_wanted(p, &m);
    return m;
}

/* phones.md 3, last item: a client of its own, with nothing of the SPA's in it. */
static struct dhcp_manners loader_manners(const struct phone *p)
{
    struct dhcp_manners m = {.clock_factor = p->sim->clock.factor};
    static const char text[] = "TI-dhcp 0.1";
    text_copy(m.vendor_class, sizeof m.vendor_class, text);
    m.client_id[0] = 0; /* RFC 2132 9.14: type 0, no hardware address */
    memcpy(m.client_id + 1, text, sizeof text - 1);
    memcpy(m.client_id + sizeof text, p->station.mac.b, 6);
    m.client_id_len = sizeof text + 6;
    m.wanted_len = sizeof short_list;
    memcpy(m.wanted, short_list, sizeof short_list);
    return m;
}

static void start_application(struct phone *p)
{
    struct dhcp_manners m = application_manners(p);
    bool init = p->quirks.value[QUIRK_REBOOT_DHCP] == REBOOT_INIT;
    p->state = PHONE_NO_ADDRESS;
    dhcp_start(p->dhcp, &m, init ? p->last_ip : 0);
}

static void start_loader_client(struct phone *p)
{
    struct dhcp_manners m = loader_manners(p);
    dhcp_start(p->dhcp, &m, 0);
}

static void boot_timer_fired(void *ctx)
{
    struct phone *p = ctx;
    if (p->state == PHONE_OFF) {
        phone_power_on(p);
    } else if (p->state == PHONE_FLASHING) {
        flash_timer_fired(p);
    } else if (p->state == PHONE_RECOVERY) {
        recovery_bound(p);
    } else if (p->state == PHONE_BOOTING) {
        if (p->quirks.value[QUIRK_LOADER_DHCP] == LOADER_EVERY_BOOT && !p->loader_asked) {
            p->loader_asked = true;
            start_loader_client(p);
            timer_set(p->sim->loop, &p->boot_timer, LOADER_PATIENCE_MS);
            return;
        }
        dhcp_stop(p->dhcp);
        set_address(p, 0, 0);
        start_application(p);
    }
}

static void check_address(struct phone *p, uint32_t ip)
{
    struct phone *other = sim_find_ip(p->sim, ip);
    if (other != NULL && other != p) {
        phone_harm(p, HARM_TWO_ADDRESSES, "%s is %s's too", ip_format(ip).s, mac_lower(&other->station.mac).s);
        phone_harm(other, HARM_TWO_ADDRESSES, "%s is %s's too", ip_format(ip).s, mac_lower(&p->station.mac).s);
    }
    if (p->last_ip != 0 && p->last_ip != ip)
        phone_harm(p, HARM_NEW_ADDRESS, "a new address where it had one before");
    p->last_ip = ip;
}

static void bound(void *ctx, const struct dhcp_reply *lease)
{
    struct phone *p = ctx;
    phone_event(p, "bound", "%s, 66 `%s`", ip_format(lease->yiaddr).s, lease->option66);
    check_address(p, lease->yiaddr);
    p->lease = *lease;
    p->station.dns = lease->dns;
    set_address(p, lease->yiaddr, lease->mask);
    if (p->sim->options.no_arp)
        macvlan_neighbour(&p->sim->links, p->station.ifindex, lease->siaddr, dhcp_server_mac(p->dhcp));
    if (p->state == PHONE_BOOTING) { /* the loader has what it wanted, the application starts */
        phone_after(p, &p->boot_timer, APPLICATION_SECONDS);
    } else if (p->state == PHONE_RECOVERY) {
        recovery_bound(p);
    } else if (p->state == PHONE_NO_ADDRESS) {
        p->state = PHONE_UP;
        web_start(p);
        if (!p->booted || p->resync_due)
            resync_after_boot(p);
        p->booted = true;
        p->resync_due = false;
    }
}

static void lost(void *ctx, const char *why)
{
    struct phone *p = ctx;
    phone_event(p, "address-lost", "%s", why);
    if (phone_is_up(p)) {
        upgrade_abandon(p);
        resync_abandon(p);
        curiosity_stop(p);
        report_abandon(p);
        web_stop(p);
        p->state = PHONE_NO_ADDRESS;
        p->resync_due = true;
    }
    p->last_ip = 0; /* with a reason: the next may be another one */
    set_address(p, 0, 0);
}

static void note(void *ctx, const char *what, const char *detail)
{
    phone_event(ctx, what, "%s", detail);
    if (strcmp(what, "decline") == 0)
        ((struct phone *)ctx)->last_ip = 0;
}

void phone_connect(struct phone *p)
{
    struct dhcp_events events = {.ctx = p, .bound = bound, .lost = lost, .note = note};
    p->dhcp = dhcp_new(&p->station, &events);
    p->boot_timer = (struct timer){.fire = boot_timer_fired, .ctx = p};
    p->resync_timer = (struct timer){.fire = resync_timer_fired, .ctx = p};
    p->upgrade_timer = (struct timer){.fire = upgrade_timer_fired, .ctx = p};
}

void phone_power_on(struct phone *p)
{
    if (p->state != PHONE_OFF)
        return;
    timer_stop(p->sim->loop, &p->boot_timer);
    p->booted = p->resync_due = p->loader_asked = false;
    p->answers_now = 0;
    p->resync.failed = false;
    if (p->memory.broken) {
        recovery_start(p);
        start_loader_client(p);
        return;
    }
    p->state = PHONE_BOOTING;
    bool every = p->quirks.value[QUIRK_LOADER_DHCP] == LOADER_EVERY_BOOT;
    phone_after(p, &p->boot_timer, every ? LOADER_SECONDS : LOADER_SECONDS + APPLICATION_SECONDS);
}

void phone_power_off(struct phone *p)
{
    if (p->state == PHONE_OFF)
        return;
    p->memory.broken = p->memory.broken || p->state == PHONE_FLASHING;
    set_address(p, 0, 0); /* first: without it no farewell reaches the wire */
    upgrade_abandon(p);
    resync_abandon(p);
    curiosity_stop(p);
    report_abandon(p);
    fetch_cancel(p->fetch);
    p->fetch = NULL;
    web_stop(p);
    dhcp_stop(p->dhcp);
    timer_stop(p->sim->loop, &p->boot_timer);
    p->boot_reason = BOOT_POWER;
    p->state = PHONE_OFF;
}

void phone_power_cycle(struct phone *p, const char *why)
{
    phone_event(p, "power-cut", "%s", why);
    phone_power_off(p);
    phone_after(p, &p->boot_timer, PLUG_SECONDS);
}

void phone_reboot(struct phone *p, enum boot_reason why)
{
    if (p->state == PHONE_FLASHING)
        p->state = PHONE_BOOTING; /* not a power cut */
    phone_power_off(p);
    p->boot_reason = why;
    phone_after(p, &p->boot_timer, 0.1);
}

void phone_factory_reset(struct phone *p)
{
    phone_event(p, "factory-reset", "%s", "");
    params_reset(p->params);
    params_copy(p->before, p->params);
    p->memory = (struct upgrade_memory){.broken = p->memory.broken};
    p->synced = p->final = false;
    phone_power_off(p);
    phone_after(p, &p->boot_timer, 1);
}
