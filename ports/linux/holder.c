/* holder.c - who holds a port: /proc/net names the socket, /proc/PID/fd the program. */
#include "ports/linux/internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INODES_MAX 16
#define TCP_LISTEN_STATE 0x0a

struct holder {
    unsigned long inodes[INODES_MAX];
    size_t count;
    char name[64];
    long pid; /* 0: not found */
};

/* One table of sockets (proc(5)); a row: "sl local:port remote:port state ... uid timeout inode". */
static void read_table(const char *path, bool tcp, uint16_t number, struct holder *holder)
{
    char line[512];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL && holder->count < INODES_MAX) {
        unsigned port, state;
        unsigned long inode;
        int got = sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*d %lu", &port, &state,
                         &inode);
        if (got == 3 && port == number && inode != 0 && (!tcp || state == TCP_LISTEN_STATE))
            holder->inodes[holder->count++] = inode;
    }
    fclose(file);
}

static bool holds(const struct holder *holder, const char *link)
{
    unsigned long inode;
    if (sscanf(link, "socket:[%lu]", &inode) != 1)
        return false;
    for (size_t i = 0; i < holder->count; i++)
        if (holder->inodes[i] == inode)
            return true;
    return false;
}

static bool process_holds(const struct holder *holder, const char *pid)
{
    char path[300], link[64];
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *dir = opendir(path);
    bool found = false;
    for (struct dirent *entry; dir != NULL && !found && (entry = readdir(dir)) != NULL;) {
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
        if (len < 0)
            continue;
        link[len] = '\0';
        found = holds(holder, link);
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

static void name_process(struct holder *holder, const char *pid)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    FILE *file = fopen(path, "re");
    holder->pid = strtol(pid, NULL, 10);
    snprintf(holder->name, sizeof holder->name, "a program");
    if (file == NULL)
        return;
    if (fgets(holder->name, sizeof holder->name, file) != NULL)
        holder->name[strcspn(holder->name, "\n")] = '\0';
    fclose(file);
}

static void find_process(struct holder *holder)
{
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0]) || !process_holds(holder, entry->d_name))
            continue;
        name_process(holder, entry->d_name);
        break;
    }
    if (dir != NULL)
        closedir(dir);
}

/* What takes the port from it where it is a service of OpenWrt's; NULL where that is not known. */
static const char *remedy(const char *program, uint16_t number)
{
    static const struct {
        const char *program;
        uint16_t number;
        const char *what;
    } remedies[] = {
        {"dnsmasq", 53,
         "`uci set dhcp.@dnsmasq[0].port=0; uci commit dhcp; /etc/init.d/dnsmasq restart` ends its DNS"},
        {"dnsmasq", 67,
         "`uci add_list dhcp.@dnsmasq[0].interface=lan` keeps it to the network lan, "
         "`uci set dhcp.lan.ignore=1` ends its DHCP there; then `uci commit dhcp; "
         "/etc/init.d/dnsmasq restart`"},
        {"dnsmasq", 69,
         "`uci set dhcp.@dnsmasq[0].enable_tftp=0; uci commit dhcp; /etc/init.d/dnsmasq restart` "
         "ends its TFTP"},
        {"odhcpd", 67,
         "`uci set dhcp.odhcpd.maindhcp=0; uci commit dhcp; /etc/init.d/odhcpd restart` ends its DHCP"},
        {"uhttpd", 80,
         "`uci set uhttpd.main.listen_http=8080; uci commit uhttpd; /etc/init.d/uhttpd restart` moves "
         "the router's own pages to port 8080"},
        {"uhttpd", 443,
         "`uci set uhttpd.main.listen_https=8443; uci commit uhttpd; /etc/init.d/uhttpd restart` "
         "moves the router's own pages to port 8443"},
    };
    if (access("/etc/openwrt_release", F_OK) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (remedies[i].number == number && strcmp(remedies[i].program, program) == 0)
            return remedies[i].what;
    return NULL;
}

int fail_held(struct port *port, const char *protocol, uint16_t number)
{
    struct holder holder = {0};
    bool tcp = strcmp(protocol, "TCP") == 0;
    read_table(tcp ? "/proc/net/tcp" : "/proc/net/udp", tcp, number, &holder);
    read_table(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", tcp, number, &holder);
    if (holder.count > 0)
        find_process(&holder);
    if (holder.pid == (long)getpid())
        return fail(port, PORT_E_BUSY, "%s port %u is in use by this program already", protocol, number);
    const char *what = holder.pid > 0 ? remedy(holder.name, number) : NULL;
    if (holder.pid > 0)
        return fail(port, PORT_E_BUSY, "%s port %u on %s is held by %s (pid %ld): %s", protocol, number,
                    port->interface.name, holder.name, holder.pid, what != NULL ? what : "stop that program first");
    return fail(
        port, PORT_E_BUSY,
        "%s port %u on %s is held by another program: `ss -l%cnp sport = %u` as root says which; stop it first",
        protocol, number, port->interface.name, tcp ? 't' : 'u', number);
}

int fail_socket(struct port *port, const char *protocol, uint16_t number, int error)
{
    if (error == EADDRINUSE)
        return fail_held(port, protocol, number);
    bool packet = strcmp(protocol, "packet") == 0;
    if ((error == EPERM || error == EACCES) && packet)
        return fail(port, PORT_E_ACCESS,
                    "no right to packet sockets on %s: run as root, or with the capability CAP_NET_RAW",
                    port->interface.name);
    if (error == EPERM || error == EACCES)
        return fail(port, PORT_E_ACCESS,
                    "no right to %s port %u on %s: run as root, or with the capabilities CAP_NET_BIND_SERVICE "
                    "and CAP_NET_RAW",
                    protocol, number, port->interface.name);
    if (error == EADDRNOTAVAIL)
        return fail(port, PORT_E_SYSTEM, "%s port %u: %s has lost the address of [box] address", protocol, number,
                    port->interface.name);
    return fail(port, error_of(error), "%s %s %u on %s: %s", protocol, packet ? "socket" : "port", number,
                port->interface.name, strerror(error));
}
