/* interface.c - the interface on the staging VLAN. */
#include "ports/linux/internal.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES 256 /* of the whole machine that are looked at */

int interface_needed(struct port *port)
{
    if (port->interface.index != 0)
        return 0;
    return fail(port, PORT_E_SYSTEM, "no interface has been joined yet");
}

int interface_bind(const struct port *port, int fd)
{
    const char *name = port->interface.name;
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name) + 1);
}

/* One request about the interface; 0 or -1 with errno. (ioctl()'s second argument is an int in one C library, an
 * unsigned long in another.) */
static int ask(const struct interface *interface, uint16_t request, struct ifreq *out)
{
    memcpy(out->ifr_name, interface->name, sizeof out->ifr_name);
    return ioctl(interface->query, request, out);
}

/* -- what is there ------------------------------------------------------------------------------ */

/* "eth0, lo, wlan0", the nearest name in *nearest where one is near. */
static void list_names(const char *wanted, char *out, size_t cap, char nearest[IF_NAMESIZE])
{
    struct if_nameindex *names = if_nameindex();
    unsigned best = 3;
    size_t len = 0;
    out[0] = nearest[0] = '\0';
    for (struct if_nameindex *n = names; n != NULL && n->if_index != 0; n++) {
        int more = snprintf(out + len, cap - len, "%s%s", len > 0 ? ", " : "", n->if_name);
        len = more > 0 && (size_t)more < cap - len ? len + (size_t)more : len;
        out[len] = '\0';
        unsigned distance = name_distance(wanted, n->if_name);
        if (distance < best) {
            best = distance;
            snprintf(nearest, IF_NAMESIZE, "%s", n->if_name);
        }
    }
    if_freenameindex(names);
}

static int fail_missing(struct port *port, const char *name)
{
    char names[300], nearest[IF_NAMESIZE];
    list_names(name, names, sizeof names, nearest);
    if (nearest[0] != '\0')
        return fail(port, PORT_E_NOENT, "there is no interface %s: did you mean %s? This machine has %s", name,
                    nearest, names);
    return fail(port, PORT_E_NOENT, "there is no interface %s: this machine has %s", name, names);
}

static int fail_rights(struct port *port, const char *what)
{
    return fail(port, PORT_E_ACCESS,
                "no right to %s: run as root, or with the capability CAP_NET_ADMIN, or do it beforehand "
                "(ip link, ip address)",
                what);
}

/* A bridge or bond takes everything that its ports receive. */
static int check_master(struct port *port, const char *name)
{
    char path[80], link[256];
    snprintf(path, sizeof path, "/sys/class/net/%s/brport/bridge", name);
    ssize_t len = readlink(path, link, sizeof link - 1);
    if (len < 0) {
        snprintf(path, sizeof path, "/sys/class/net/%s/bonding_slave/../master", name);
        len = readlink(path, link, sizeof link - 1);
    }
    if (len < 0)
        return 0;
    link[len] = '\0';
    const char *slash = strrchr(link, '/');
    const char *master = slash != NULL ? slash + 1 : link;
    return fail(port, PORT_E_BUSY, "%s is a part of %s, which takes its traffic: set [box] interface = %s", name,
                master, master);
}

static int check_type(struct port *port, struct interface *interface)
{
    struct ifreq request;
    if (ask(interface, SIOCGIFHWADDR, &request) != 0)
        return fail_missing(port, interface->name);
    interface->loopback = request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
    if (!interface->loopback && request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return fail(port, PORT_E_SYSTEM, "%s is no Ethernet interface", interface->name);
    memcpy(interface->mac.b, request.ifr_hwaddr.sa_data, sizeof interface->mac.b);
    return check_master(port, interface->name);
}

/* -- what is made so ----------------------------------------------------------------------------- */

static int set_up(struct port *port, const struct interface *interface)
{
    struct ifreq request;
    if (ask(interface, SIOCGIFFLAGS, &request) != 0)
        return fail_missing(port, interface->name);
    if ((request.ifr_flags & IFF_UP) != 0)
        return 0;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
    if (ask(interface, SIOCSIFFLAGS, &request) == 0)
        return 0;
    char what[60];
    snprintf(what, sizeof what, "set the interface %s up", interface->name);
    if (errno == EPERM || errno == EACCES)
        return fail_rights(port, what);
    return fail(port, error_of(errno), "%s cannot be set up: %s", interface->name, strerror(errno));
}

static unsigned prefix_of(ip4 mask)
{
    unsigned prefix = 0;
    while (prefix < 32 && (mask >> (31 - prefix) & 1) != 0)
        prefix++;
    return prefix;
}

/* The IPv4 addresses of this machine; the count. */
static size_t list_addresses(const struct interface *interface, struct ifreq *out, size_t cap)
{
    struct ifconf list = {.ifc_len = (int)(cap * sizeof *out), .ifc_req = out};
    uint16_t request = SIOCGIFCONF;
    if (ioctl(interface->query, request, &list) != 0)
        return 0;
    return (size_t)list.ifc_len / sizeof *out;
}

/* The interface that has the address, "" for none, and its prefix there. */
static void find_address(const struct interface *interface, char name[IF_NAMESIZE], unsigned *prefix)
{
    struct ifreq all[ADDRESSES];
    struct sockaddr_in have;
    size_t count = list_addresses(interface, all, ADDRESSES);
    name[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        uint16_t request = SIOCGIFNETMASK;
        memcpy(&have, &all[i].ifr_addr, sizeof have);
        if (have.sin_family != AF_INET || ntohl(have.sin_addr.s_addr) != interface->address)
            continue;
        snprintf(name, IF_NAMESIZE, "%.*s", (int)strcspn(all[i].ifr_name, ":"), all[i].ifr_name);
        if (ioctl(interface->query, request, &all[i]) == 0) { /* of several, that of the address asked for */
            memcpy(&have, &all[i].ifr_netmask, sizeof have);
            *prefix = prefix_of(ntohl(have.sin_addr.s_addr));
        }
        return;
    }
}

static int put_address(struct port *port, struct interface *interface)
{
    char text[IP4_TEXT_MAX], what[80];
    int error = netlink_address(true, interface->index, interface->address, interface->prefix);
    snprintf(what, sizeof what, "put %s/%u on %s", ip4_format(interface->address, text), interface->prefix,
             interface->name);
    if (error == EPERM || error == EACCES)
        return fail_rights(port, what);
    if (error != 0 && error != EEXIST)
        return fail(port, error_of(error), "cannot %s: %s", what, strerror(error));
    interface->put_address = error == 0;
    return 0;
}

static int have_address(struct port *port, struct interface *interface)
{
    char name[IF_NAMESIZE], text[IP4_TEXT_MAX];
    unsigned prefix = interface->prefix;
    find_address(interface, name, &prefix);
    ip4_format(interface->address, text);
    if (name[0] == '\0')
        return put_address(port, interface);
    if (strcmp(name, interface->name) != 0)
        return fail(port, PORT_E_BUSY,
                    "%s is on %s of this machine: take it away there, or set [box] interface = %s", text, name,
                    name);
    if (prefix != interface->prefix)
        log_line(port, PORT_WARNING, "%s has %s/%u, but [box] address says /%u: make them the same", name, text,
                 prefix, interface->prefix);
    return 0;
}

static int join(struct port *port, struct interface *interface)
{
    struct ifreq request;
    int error = check_type(port, interface);
    if (error == 0)
        error = set_up(port, interface);
    if (error == 0)
        error = have_address(port, interface);
    if (error != 0)
        return error;
    interface->mtu = ask(interface, SIOCGIFMTU, &request) == 0 ? (unsigned)request.ifr_mtu : 1500;
    return signals_take(port);
}

int port_interface_open(struct port *port, const char *name, ip4 address, unsigned prefix)
{
    struct interface interface = {.address = address, .prefix = prefix};
    if (port->interface.index != 0)
        return fail(port, PORT_E_BUSY, "%s has been joined already", port->interface.name);
    if (strlen(name) >= sizeof interface.name || (interface.index = if_nametoindex(name)) == 0)
        return fail_missing(port, name);
    snprintf(interface.name, sizeof interface.name, "%s", name);
    interface.query = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (interface.query < 0)
        return fail(port, error_of(errno), "no socket for %s: %s", name, strerror(errno));
    int error = join(port, &interface);
    if (error != 0) {
        if (interface.put_address)
            netlink_address(false, interface.index, address, prefix);
        close(interface.query);
        return error;
    }
    port->interface = interface;
    return udp_start(port);
}

void interface_leave(struct port *port)
{
    struct interface *interface = &port->interface;
    if (interface->put_address) {
        rights_raise_network();
        netlink_address(false, interface->index, interface->address, interface->prefix);
    }
    if (interface->index != 0)
        close(interface->query);
    *interface = (struct interface){0};
}

/* -- what it is now ------------------------------------------------------------------------------- */

void port_interface_get(const struct port *port, struct port_interface *out)
{
    const struct interface *interface = &port->interface;
    struct ifreq request;
    *out = (struct port_interface){
        .mac = interface->mac, .address = interface->address, .prefix = interface->prefix, .mtu = interface->mtu};
    memcpy(out->name, interface->name, sizeof out->name);
    int needed = IFF_UP | IFF_RUNNING;
    out->up = ask(interface, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & needed) == needed;
}

bool port_neighbour(struct port *port, ip4 address, struct mac *out)
{
    struct arpreq request = {0};
    struct sockaddr_in name = socket_address(address, 0);
    memcpy(&request.arp_pa, &name, sizeof name);
    memcpy(request.arp_dev, port->interface.name, sizeof request.arp_dev);
    if (ioctl(port->interface.query, SIOCGARP, &request) != 0 || (request.arp_flags & ATF_COM) == 0)
        return false;
    memcpy(out->b, request.arp_ha.sa_data, sizeof out->b);
    return true;
}
