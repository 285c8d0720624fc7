/* netlink.c - puts an address on an interface, or takes it away (rtnetlink(7)). */
#include "ports/linux/internal.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
    struct nlmsghdr header;
    struct ifaddrmsg address;
    uint8_t attributes[64];
};

static void put_address(struct request *request, unsigned short type, ip4 address)
{
    struct rtattr attribute = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = type};
    uint32_t value = htonl(address);
    uint8_t *at = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);
    memcpy(at, &attribute, sizeof attribute);
    memcpy(at + RTA_LENGTH(0), &value, sizeof value);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)RTA_LENGTH(sizeof value);
}

/* Sends it and reads the kernel's answer: 0 or an errno. */
static int converse(int fd, const struct request *request)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[256];
    } answer;
    if (send(fd, request, request->header.nlmsg_len, 0) < 0)
        return errno;
    ssize_t len = recv(fd, &answer, sizeof answer, 0);
    if (len < 0)
        return errno;
    if ((size_t)len < sizeof answer.header + sizeof answer.error.error || answer.header.nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -answer.error.error;
}

int netlink_address(bool add, unsigned index, ip4 address, unsigned prefix)
{
    struct request request = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
                   .nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .address = {.ifa_family = AF_INET, .ifa_prefixlen = (uint8_t)prefix, .ifa_index = index},
    };
    if (add)
        request.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
    put_address(&request, IFA_LOCAL, address);
    put_address(&request, IFA_ADDRESS, address);
    if (add && prefix < 31)
        put_address(&request, IFA_BROADCAST, address | ~ip4_mask(prefix));
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return errno;
    int error = converse(fd, &request);
    close(fd);
    return error;
}
