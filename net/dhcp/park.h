/* park.h - requests that cannot be answered yet (the guard looks, no probed address is ready) wait here
 * for a moment instead of for the client's next try, which is 4 to 16 seconds away. */
#ifndef STAGEBOX_NET_DHCP_PARK_H
#define STAGEBOX_NET_DHCP_PARK_H

#include "net/dhcp/index.h"
#include "net/dhcp/message.h"

#define DHCP_PARK_BYTES 600 /* longer requests are not parked */
#define DHCP_PARK_MS 8000   /* after that the client has surely begun anew */

struct dhcp_parked {
    struct mac mac;
    bool used;
    ip4 src, dst;
    uint64_t since_ms;
    uint16_t len;
    uint8_t data[DHCP_PARK_BYTES];
};

/* A ring: the oldest makes room for the newest, and a client has one place. */
struct dhcp_park {
    struct dhcp_parked *slot;
    uint32_t capacity, head, used; /* head: the oldest; used: places from there on, freed ones among them */
    uint64_t seed;
    struct dhcp_index by_mac;
};

size_t dhcp_park_memory(uint32_t capacity);
void dhcp_park_init(struct dhcp_park *park, void *memory, uint32_t capacity, uint64_t seed);
/* Keeps a copy; the client's earlier request is replaced. `now_ms`: since when it waits. False where it is too long
 * or there is no place. */
bool dhcp_park_put(struct dhcp_park *park, struct mac mac, const uint8_t *data, size_t len, ip4 src, ip4 dst,
                   uint64_t now_ms);
/* The client's request is no longer of interest. */
void dhcp_park_drop(struct dhcp_park *park, struct mac mac);
void dhcp_park_clear(struct dhcp_park *park);
/* Takes the oldest out that is not too old; valid until the next dhcp_park_put(). NULL: empty. */
const struct dhcp_parked *dhcp_park_take(struct dhcp_park *park, uint64_t now_ms);
bool dhcp_park_empty(const struct dhcp_park *park);

#endif
