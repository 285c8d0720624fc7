/* lease.h - the table of addresses: who has which, since when, until when.
 *
 * One entry for each address that is anything but plainly free: probed, in stock, offered, bound,
 * remembered, or in quarantine. A client has at most one entry. Entries are found by address, MAC
 * and client identifier in O(1); what is due comes off a heap in O(log n); entries of one state hang
 * in a list, oldest first. All memory is the caller's and fixed.
 *
 * The table only keeps the books. What to do with an entry is decided in server.h, probe.h and
 * binding.h, and only they change states.
 */
#ifndef STAGEBOX_NET_DHCP_LEASE_H
#define STAGEBOX_NET_DHCP_LEASE_H

#include "net/dhcp/index.h"
#include "net/dhcp/message.h"

#define DHCP_LEASE_ID_MAX 64    /* longer client identifiers are echoed but tell nobody: chaddr does */
#define DHCP_LEASE_CLASS_MAX 64 /* kept of option 60; longer ones are cut */
#define DHCP_LEASE_NAME_MAX 64  /* kept of option 12 */
#define DHCP_LEASE_LIST_MAX 64  /* kept of option 55 */

enum dhcp_lease_state {
    DHCP_LEASE_UNUSED,   /* not an entry */
    DHCP_LEASE_PROBING,  /* an ARP probe runs; may remember a client */
    DHCP_LEASE_READY,    /* probed and silent: may be offered; may remember a client */
    DHCP_LEASE_OFFERED,  /* to a client, until `due_ms` */
    DHCP_LEASE_BOUND,    /* acknowledged, until `due_ms` */
    DHCP_LEASE_EXPIRED,  /* run out or released; remembers its client; may be given away when needed, but not before
                          * `due_ms` where that is set */
    DHCP_LEASE_DECLINED, /* a client declined it: quarantine until `due_ms` */
    DHCP_LEASE_CONFLICT  /* ARP showed somebody else there: quarantine until `due_ms` */
};

struct dhcp_lease {
    ip4 address;
    enum dhcp_lease_state state;
    bool known;        /* mac and what follows are a client's */
    bool acknowledged; /* that client has once been given this address with an ACK */
    bool contested;    /* ARP has shown another machine at this bound address; told once */
    struct mac mac;    /* the client; of a CONFLICT the machine that was seen there */
    uint8_t id[DHCP_LEASE_ID_MAX];
    uint8_t id_len;
    uint8_t vendor_class[DHCP_LEASE_CLASS_MAX]; /* option 60 of the last message; no terminator */
    uint8_t vendor_class_len;
    uint8_t name[DHCP_LEASE_NAME_MAX]; /* option 12 */
    uint8_t name_len;
    uint8_t list[DHCP_LEASE_LIST_MAX]; /* option 55 */
    uint8_t list_len;
    uint64_t due_ms;    /* end of the state, or the next step of probing; UINT64_MAX: none */
    uint64_t seen_ms;   /* the client's last message */
    uint64_t since_ms;  /* when the state began; BOUND: when the client first got the address */
    uint64_t probed_ms; /* when the last probe found silence; 0 never */
    uint8_t probes;     /* sent of the running probe */
    /* The table's own: */
    uint8_t queue;
    uint32_t before, after, heap_at;
};

/* What a journal keeps of a binding. A later record of the same address replaces an earlier one. */
enum dhcp_record_state {
    DHCP_RECORD_BOUND = 1,    /* the address is this client's for `remaining_s` */
    DHCP_RECORD_EXPIRED = 2,  /* it was this client's, which gets it back when it asks */
    DHCP_RECORD_RELEASED = 3, /* the same, given back by the client */
    DHCP_RECORD_DECLINED = 4, /* nobody gets it for `remaining_s`; mac: who declined it */
    DHCP_RECORD_FORGOTTEN = 5 /* nothing more is known of the address */
};
struct dhcp_lease_record {
    ip4 address;
    enum dhcp_record_state state;
    struct mac mac;
    /* Seconds from the moment of the record. The box may have no wall clock, so no date is kept:
     * on restore the host subtracts the time that has passed where both clocks were set, and
     * nothing where it does not know. A lease then lives longer here than at the phone, which
     * harms nobody; the other way round two phones could get one address. */
    uint32_t remaining_s;
    uint8_t id_len;
    uint8_t id[DHCP_LEASE_ID_MAX];
};

/* The lists that entries hang in. */
enum dhcp_queue {
    DHCP_QUEUE_UNUSED,
    DHCP_QUEUE_PROBING,
    DHCP_QUEUE_READY,       /* remembers nobody */
    DHCP_QUEUE_READY_KNOWN, /* remembers a client */
    DHCP_QUEUE_OFFERED,
    DHCP_QUEUE_BOUND,
    DHCP_QUEUE_EXPIRED,
    DHCP_QUEUE_RESTING, /* EXPIRED, with a time before which nobody else gets it */
    DHCP_QUEUE_DECLINED,
    DHCP_QUEUE_CONFLICT,
    DHCP_QUEUES
};

struct dhcp_leases {
    struct dhcp_lease *entry;
    uint32_t capacity;
    uint32_t known; /* entries with a client */
    uint64_t seed;
    struct dhcp_index by_address, by_mac, by_id;
    uint32_t *heap;
    uint32_t heap_len;
    uint32_t first[DHCP_QUEUES], last[DHCP_QUEUES], count[DHCP_QUEUES];
};

/* Bytes of memory for a table of `capacity` entries. */
size_t dhcp_leases_memory(uint32_t capacity);
/* Makes an empty table in `memory`, aligned for any type. */
void dhcp_leases_init(struct dhcp_leases *leases, void *memory, uint32_t capacity, uint64_t seed);

/* Look-ups; NULL where there is none. By identifier only where 1..DHCP_LEASE_ID_MAX bytes long. */
struct dhcp_lease *dhcp_leases_find_address(const struct dhcp_leases *leases, ip4 address);
struct dhcp_lease *dhcp_leases_find_mac(const struct dhcp_leases *leases, struct mac mac);
struct dhcp_lease *dhcp_leases_find_id(const struct dhcp_leases *leases, struct dhcp_bytes id);
/* The oldest of a list, NULL where it is empty. */
struct dhcp_lease *dhcp_leases_oldest(const struct dhcp_leases *leases, enum dhcp_queue queue);
/* The entry that is due first, NULL where nothing is. */
struct dhcp_lease *dhcp_leases_due(const struct dhcp_leases *leases);
/* The entry after `previous` (NULL: the first) in no special order; NULL at the end. Entries may be
 * changed between two calls, and all that stay are seen. */
struct dhcp_lease *dhcp_leases_next(const struct dhcp_leases *leases, const struct dhcp_lease *previous);

/* A new entry for an address that has none, in no list and without a client; the caller gives it a
 * state at once. NULL where the table is full. */
struct dhcp_lease *dhcp_leases_add(struct dhcp_leases *leases, ip4 address);
/* Removes the entry and all that it knew. */
void dhcp_leases_remove(struct dhcp_leases *leases, struct dhcp_lease *lease);
/* Changes state and due time; the entry becomes the youngest of the state's list. */
void dhcp_leases_set(struct dhcp_leases *leases, struct dhcp_lease *lease, enum dhcp_lease_state state,
                     uint64_t due_ms);
/* Makes the entry this client's; no other entry may be that MAC's. An identifier that is too long
 * counts as none. What was known of another client goes; of the same one it stays. */
void dhcp_leases_set_client(struct dhcp_leases *leases, struct dhcp_lease *lease, struct mac mac,
                            struct dhcp_bytes id);
/* Takes the client off the entry. The caller gives it a state after that. */
void dhcp_leases_clear_client(struct dhcp_leases *leases, struct dhcp_lease *lease);

#endif
