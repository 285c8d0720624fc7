#include "net/arp/arp.h"

#include <string.h>

enum {
    AT_TYPE = 12, /* after destination and source */
    AT_HARDWARE = 14,
    AT_PROTOCOL = 16,
    AT_HARDWARE_LEN = 18,
    AT_PROTOCOL_LEN = 19,
    AT_OPERATION = 20,
    AT_SENDER = 22,
    AT_SENDER_IP = 28,
    AT_TARGET = 32,
    AT_TARGET_IP = 38
};

/* Ethernet type ARP, then Ethernet, IPv4, and the lengths of their addresses. */
static const uint8_t head[] = {0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4};

static ip4 get_ip(const uint8_t *at)
{
    return (ip4)at[0] << 24 | (ip4)at[1] << 16 | (ip4)at[2] << 8 | at[3];
}

static void put_ip(uint8_t *at, ip4 address)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(address >> (24 - 8 * i));
}

bool arp_parse(const uint8_t *frame, size_t len, struct arp_packet *out)
{
    if (len < ARP_FRAME_MIN || memcmp(frame + AT_TYPE, head, sizeof head) != 0 || frame[AT_OPERATION] != 0)
        return false;
    uint8_t operation = frame[AT_OPERATION + 1];
    if (operation != ARP_REQUEST && operation != ARP_REPLY)
        return false;
    out->operation = (enum arp_operation)operation;
    memcpy(out->sender.b, frame + AT_SENDER, 6);
    out->sender_ip = get_ip(frame + AT_SENDER_IP);
    memcpy(out->target.b, frame + AT_TARGET, 6);
    out->target_ip = get_ip(frame + AT_TARGET_IP);
    return !mac_is_zero(out->sender) && (out->sender.b[0] & 1) == 0;
}

void arp_build(uint8_t frame[ARP_FRAME_LEN], struct mac to, const struct arp_packet *packet)
{
    memset(frame, 0, ARP_FRAME_LEN);
    memcpy(frame, to.b, 6);
    memcpy(frame + 6, packet->sender.b, 6);
    memcpy(frame + AT_TYPE, head, sizeof head);
    frame[AT_OPERATION + 1] = (uint8_t)packet->operation;
    memcpy(frame + AT_SENDER, packet->sender.b, 6);
    put_ip(frame + AT_SENDER_IP, packet->sender_ip);
    memcpy(frame + AT_TARGET, packet->target.b, 6);
    put_ip(frame + AT_TARGET_IP, packet->target_ip);
}

void arp_build_probe(uint8_t frame[ARP_FRAME_LEN], struct mac sender, ip4 address)
{
    static const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct arp_packet probe = {.operation = ARP_REQUEST, .sender = sender, .target_ip = address};
    arp_build(frame, everybody, &probe);
}

bool arp_conflicts(const struct arp_packet *packet, struct mac self, ip4 address)
{
    if (address == 0 || mac_equal(packet->sender, self))
        return false;
    bool probes = packet->operation == ARP_REQUEST && packet->sender_ip == 0 && packet->target_ip == address;
    return packet->sender_ip == address || probes;
}
