#include "macvlan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GROUP = 0x5061 }; /* IFLA_GROUP of all that are made here */

/* One request: header, fixed part and attributes, built in place. */
struct request {
    struct nlmsghdr head;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg addr;
        struct ndmsg neighbour;
    } u;
    char attributes[256];
};

static struct rtattr *add_attribute(struct request *r, unsigned short type, const void *data, size_t len)
{
    struct rtattr *a = (struct rtattr *)(void *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));
    a->rta_type = type;
    a->rta_len = (unsigned short)RTA_LENGTH(len);
    if (len > 0)
        memcpy(RTA_DATA(a), data, len);
    r->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
    return a;
}

static void close_nest(struct request *r, struct rtattr *nest)
{
    nest->rta_len = (unsigned short)((char *)r + r->head.nlmsg_len - (char *)nest);
}

static bool talk(struct macvlan *m, struct request *r, const char *what)
{
    union {
        struct nlmsghdr head;
        char bytes[4096];
    } answer;
    r->head.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    r->head.nlmsg_seq = ++m->seq;
    ssize_t n = send(m->fd, r, r->head.nlmsg_len, 0);
    if (n > 0)
        n = recv(m->fd, &answer, sizeof answer, 0);
    int error = errno;
    if (n >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) && answer.head.nlmsg_type == NLMSG_ERROR) {
        struct nlmsgerr reply;
        memcpy(&reply, NLMSG_DATA(&answer.head), sizeof reply);
        error = -reply.error;
    }
    if (error != 0)
        snprintf(m->error, sizeof m->error, "%s: %s", what, strerror(error));
    return error == 0;
}

static struct request link_request(uint16_t type, int ifindex)
{
    struct request r = {.head = {.nlmsg_type = type, .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg))}};
    r.u.link.ifi_family = AF_UNSPEC;
    r.u.link.ifi_index = ifindex;
    return r;
}

static bool bring_up(struct macvlan *m, int ifindex)
{
    struct request r = link_request(RTM_NEWLINK, ifindex);
    r.u.link.ifi_flags = IFF_UP;
    r.u.link.ifi_change = IFF_UP;
    return talk(m, &r, "cannot bring the interface up");
}

static bool remove_one(struct macvlan *m, int ifindex)
{
    struct request r = link_request(RTM_DELLINK, ifindex);
    return talk(m, &r, "cannot remove a phone's interface");
}

bool macvlan_remove_all(struct macvlan *m)
{
    struct request r = link_request(RTM_DELLINK, 0);
    uint32_t group = GROUP;
    add_attribute(&r, IFLA_GROUP, &group, sizeof group);
    return talk(m, &r, "cannot remove the phones' interfaces");
}

int macvlan_add(struct macvlan *m, const char *name, const struct mac *mac)
{
    int old = (int)if_nametoindex(name);
    if (old > 0 && !remove_one(m, old))
        return -1;
    struct request r = link_request(RTM_NEWLINK, 0);
    uint32_t mode = MACVLAN_MODE_PRIVATE, group = GROUP;
    r.head.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    add_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1);
    add_attribute(&r, IFLA_ADDRESS, mac->b, 6);
    add_attribute(&r, IFLA_LINK, &m->parent, sizeof m->parent);
    add_attribute(&r, IFLA_GROUP, &group, sizeof group);
    struct rtattr *info = add_attribute(&r, IFLA_LINKINFO, NULL, 0);
    add_attribute(&r, IFLA_INFO_KIND, "macvlan", 7);
    struct rtattr *data = add_attribute(&r, IFLA_INFO_DATA, NULL, 0);
    add_attribute(&r, IFLA_MACVLAN_MODE, &mode, sizeof mode);
    close_nest(&r, data);
    close_nest(&r, info);
    if (!talk(m, &r, "cannot make a phone's interface (macvlan)"))
        return -1;
    int made = (int)if_nametoindex(name);
    return bring_up(m, made) ? made : -1;
}

static uint8_t prefix_length(uint32_t mask)
{
    uint8_t n = 0;
    for (; mask & 0x80000000u; mask <<= 1)
        n++;
    return n;
}

bool macvlan_address(struct macvlan *m, int ifindex, uint32_t ip, uint32_t mask, bool add)
{
    struct request r = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg))}};
    uint32_t wire = htonl(ip);
    r.head.nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
    if (add)
        r.head.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    r.u.addr.ifa_family = AF_INET;
    r.u.addr.ifa_prefixlen = prefix_length(mask);
    r.u.addr.ifa_index = (unsigned)ifindex;
    add_attribute(&r, IFA_LOCAL, &wire, 4);
    if (add) /* without it the kernel asks for no prefix length when it removes */
        add_attribute(&r, IFA_ADDRESS, &wire, 4);
    return talk(m, &r, add ? "cannot set a phone's address" : "cannot remove a phone's address");
}

bool macvlan_neighbour(struct macvlan *m, int ifindex, uint32_t ip, const struct mac *mac)
{
    struct request r = {.head = {.nlmsg_type = RTM_NEWNEIGH, .nlmsg_len = NLMSG_LENGTH(sizeof(struct ndmsg))}};
    uint32_t wire = htonl(ip);
    r.head.nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
    r.u.neighbour.ndm_family = AF_INET;
    r.u.neighbour.ndm_ifindex = ifindex;
    r.u.neighbour.ndm_state = NUD_PERMANENT;
    add_attribute(&r, NDA_DST, &wire, 4);
    add_attribute(&r, NDA_LLADDR, mac->b, 6);
    return talk(m, &r, "cannot set a phone's ARP entry");
}

static void set_switch(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* not in this kernel */
    ssize_t written = write(fd, value, strlen(value));
    (void)written;
    close(fd);
}

static void set_switches(void)
{
    static const char *const where[] = {"all", "default"};
    for (size_t i = 0; i < 2; i++) {
        char path[96];
        snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/arp_ignore", where[i]);
        set_switch(path, "1");
        snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/arp_announce", where[i]);
        set_switch(path, "2");
        snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/rp_filter", where[i]);
        set_switch(path, "0");
        snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", where[i]);
        set_switch(path, "1");
    }
}

bool macvlan_open(struct macvlan *m, const char *parent)
{
    *m = (struct macvlan){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
    if (m->fd < 0) {
        snprintf(m->error, sizeof m->error, "netlink: %s", strerror(errno));
        return false;
    }
    m->parent = (int)if_nametoindex(parent);
    if (m->parent == 0) {
        snprintf(m->error, sizeof m->error, "there is no interface `%s` here", parent);
        return false;
    }
    set_switches();
    return bring_up(m, m->parent);
}

void macvlan_close(struct macvlan *m)
{
    close(m->fd);
}
