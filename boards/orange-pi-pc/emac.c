/* emac.c - the rings are polled; the receive interrupt only ends a wait. */
#include "boards/orange-pi-pc/emac.h"

#include <string.h>

#include "boards/orange-pi-pc/phy.h"
#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/sid.h"
#include "boards/orange-pi-pc/timer.h"
#include "net/tls/rsa.h"

#define BUS_CLK_GATING_REG0 0x060
#define BUS_SOFT_RST_REG0 0x2c0
#define EMAC_BIT 17

#define BASIC_CTL_0 0x00
#define BASIC_CTL_1 0x04
#define INT_STA 0x08
#define INT_EN 0x0c
#define TX_CTL_0 0x10
#define TX_CTL_1 0x14
#define TX_DMA_DESC_LIST 0x20
#define RX_CTL_0 0x24
#define RX_CTL_1 0x28
#define RX_DMA_DESC_LIST 0x34
#define RX_FRM_FLT 0x38
#define ADDR_HIGH_0 0x50
#define ADDR_LOW_0 0x54

#define CTL_0_DUPLEX BIT(0)
#define CTL_0_SPEED_10 (UINT32_C(2) << 2)
#define CTL_0_SPEED_100 (UINT32_C(3) << 2)
#define CTL_1_SOFT_RST BIT(0)
#define CTL_1_BURST_8 (UINT32_C(8) << 24)
#define INT_RX BIT(8)
#define INT_RX_BUF_UA BIT(9)
#define CTL_EN BIT(31) /* of TX_CTL_0 and RX_CTL_0 */
#define DMA_START BIT(31)
#define DMA_EN BIT(30)
#define WHOLE_FRAMES BIT(1) /* TX_MD, RX_MD */
#define RX_ALL_MULTICAST BIT(16)

/* A descriptor: status, size, buffer, next. */
#define DESC_OWN BIT(31)
#define RX_LENGTH_AT 16
#define RX_LENGTH_MASK 0x3fffu
#define RX_LAST BIT(8)
#define RX_FIRST BIT(9)
#define RX_BROKEN (BIT(1) | BIT(3) | BIT(6) | BIT(11) | BIT(14)) /* CRC, PHY, collision, overflow, no buffer */
#define TX_LAST BIT(30)
#define TX_FIRST BIT(29)
#define TX_CHAIN BIT(24)

#define TX_RING 12
#define BUFFER 1524 /* a frame with a tag and its checksum, in whole words; must be less than 2048, which the field of the descriptor reads as 0 */
#define CHECKSUM 4  /* of a frame, counted but not ours */
#define SHORTEST 60
#define RESET_US 100000
#define ROOM_US 5000   /* 40 full-sized frames at 100 Mbit/s */
#define LINK_MS 500
#define KICK_EVERY 16

/* U-Boot sets the CPU to 1008 MHz (CONFIG_SYS_CLK_FREQ). How many cycles a Cortex-A7 takes for an instruction of this kind
 * has not been seen: multiplications and the loads around them, two to three; four leaves room. */
#define CPU_MHZ 1008u
#define CYCLES_EACH 4u
_Static_assert(TLS_PRIVATE_PIECE / CPU_MHZ * CYCLES_EACH < EMAC_RING_US, "the ring outlasts a piece of a private-key operation");

struct descriptor {
    volatile uint32_t status, size, buffer, next;
};
static struct descriptor rx_ring[EMAC_RING] DMA_MEMORY, tx_ring[TX_RING] DMA_MEMORY;
static uint8_t rx_buffers[EMAC_RING][BUFFER] DMA_MEMORY, tx_buffers[TX_RING][BUFFER] DMA_MEMORY;

static struct {
    size_t rx, tx; /* the next descriptor */
    unsigned taken; /* since the DMA was told of free descriptors */
    uint32_t overruns;
    struct phy_link link;
    uint64_t link_ms;
} emac;

/* -- its start ----------------------------------------------------------------------------------------- */

/* What the loader left, or QEMU put there; else made of the chip's own number, as the loader does it. */
static void choose_mac(uint32_t low, uint32_t high, struct mac *out)
{
    bool left = (low | high) != 0 && low != UINT32_MAX && (low & 1) == 0;
    uint32_t number = sid_word(3);
    if (!left) {
        low = 2 | (sid_word(0) & 0xff) << 8 | (number >> 24) << 16 | (number >> 16) << 24;
        high = (number >> 8 & 0xff) | (number & 0xff) << 8;
    }
    for (unsigned i = 0; i < 6; i++)
        out->b[i] = (uint8_t)(i < 4 ? low >> 8 * i : high >> 8 * (i - 4));
}

static bool reset(void)
{
    uint64_t since = timer_us();
    reg_write(EMAC + BASIC_CTL_1, CTL_1_SOFT_RST);
    while ((reg_read(EMAC + BASIC_CTL_1) & CTL_1_SOFT_RST) != 0)
        if (timer_over(since, RESET_US))
            return false;
    return true;
}

/* All descriptors are the hardware's, from the first on. */
static void start_receiving(void)
{
    for (size_t i = 0; i < EMAC_RING; i++) {
        rx_ring[i].size = BUFFER;
        rx_ring[i].buffer = (uint32_t)rx_buffers[i];
        rx_ring[i].next = (uint32_t)&rx_ring[(i + 1) % EMAC_RING];
        rx_ring[i].status = DESC_OWN;
    }
    emac.rx = 0;
    memory_barrier();
    reg_write(EMAC + RX_DMA_DESC_LIST, (uint32_t)rx_ring);
    reg_write(EMAC + RX_CTL_1, WHOLE_FRAMES | DMA_EN | DMA_START);
}

static void start_sending(void)
{
    for (size_t i = 0; i < TX_RING; i++) {
        tx_ring[i].status = 0;
        tx_ring[i].buffer = (uint32_t)tx_buffers[i];
        tx_ring[i].next = (uint32_t)&tx_ring[(i + 1) % TX_RING];
    }
    emac.tx = 0;
    memory_barrier();
    reg_write(EMAC + TX_DMA_DESC_LIST, (uint32_t)tx_ring);
    reg_write(EMAC + TX_CTL_1, WHOLE_FRAMES | DMA_EN);
}

/* The DMA stops where it finds no free descriptor, and goes on when it is told so. */
static void kick(void)
{
    emac.taken = 0;
    reg_set(EMAC + RX_CTL_1, DMA_START);
}

bool emac_start(struct mac *out)
{
    uint32_t low = reg_read(EMAC + ADDR_LOW_0), high = reg_read(EMAC + ADDR_HIGH_0) & 0xffff;
    bus_open(BUS_CLK_GATING_REG0, BUS_SOFT_RST_REG0, EMAC_BIT);
    phy_power_on();
    if (!reset())
        return false;
    choose_mac(low, high, out);
    reg_write(EMAC + ADDR_HIGH_0, out->b[4] | (uint32_t)out->b[5] << 8);
    reg_write(EMAC + ADDR_LOW_0, out->b[0] | (uint32_t)out->b[1] << 8 | (uint32_t)out->b[2] << 16 | (uint32_t)out->b[3] << 24);
    if (!phy_start())
        return false;
    reg_write(EMAC + BASIC_CTL_1, CTL_1_BURST_8);
    reg_write(EMAC + BASIC_CTL_0, CTL_0_SPEED_100 | CTL_0_DUPLEX);
    reg_write(EMAC + RX_FRM_FLT, RX_ALL_MULTICAST);
    start_sending();
    start_receiving();
    reg_write(EMAC + RX_CTL_0, CTL_EN);
    reg_write(EMAC + TX_CTL_0, CTL_EN);
    reg_write(EMAC + INT_EN, INT_RX);
    kick();
    emac.link = (struct phy_link){.up = false};
    emac.link_ms = 0;
    emac_link_up();
    return true;
}

bool emac_link_up(void)
{
    uint64_t now = timer_ms();
    if (emac.link_ms != 0 && now - emac.link_ms < LINK_MS)
        return emac.link.up;
    emac.link_ms = now;
    struct phy_link link = phy_link();
    if (link.up && !emac.link.up)
        reg_write(EMAC + BASIC_CTL_0, (link.fast ? CTL_0_SPEED_100 : CTL_0_SPEED_10) | (link.full_duplex ? CTL_0_DUPLEX : 0));
    emac.link = link;
    return link.up;
}

uint32_t emac_overruns(void)
{
    return emac.overruns;
}

/* -- receiving ------------------------------------------------------------------------------------------ */

/* Nothing is left in the ring. After a full one QEMU goes on with the first descriptor, hardware with the next:
 * both begin anew. */
static void ring_empty(void)
{
    if ((reg_read(EMAC + INT_STA) & INT_RX_BUF_UA) != 0) {
        reg_write(EMAC + INT_STA, INT_RX_BUF_UA);
        emac.overruns++;
        emac.taken = 0;
        reg_clear(EMAC + RX_CTL_1, DMA_EN | DMA_START);
        start_receiving();
    } else if (emac.taken > 0) {
        kick();
    }
}

static void give_back(struct descriptor *d)
{
    d->size = BUFFER;
    memory_barrier();
    d->status = DESC_OWN;
    emac.rx = (emac.rx + 1) % EMAC_RING;
    if (++emac.taken == KICK_EVERY)
        kick();
}

size_t emac_receive(void *frame, size_t cap)
{
    for (;;) {
        struct descriptor *d = &rx_ring[emac.rx];
        uint32_t status = d->status;
        if ((status & DESC_OWN) != 0) {
            ring_empty();
            return 0;
        }
        size_t len = status >> RX_LENGTH_AT & RX_LENGTH_MASK;
        bool sound = (status & RX_BROKEN) == 0 && (status & (RX_FIRST | RX_LAST)) == (RX_FIRST | RX_LAST) &&
                     len > CHECKSUM && len - CHECKSUM <= cap && len <= BUFFER;
        if (sound)
            memcpy(frame, rx_buffers[emac.rx], len - CHECKSUM);
        give_back(d);
        if (sound)
            return len - CHECKSUM;
    }
}

void emac_wait(uint64_t until_us)
{
    reg_write(EMAC + INT_STA, INT_RX);
    if ((rx_ring[emac.rx].status & DESC_OWN) != 0)
        timer_sleep(until_us);
}

/* -- sending ----------------------------------------------------------------------------------------------- */

static bool has_room(const struct descriptor *d)
{
    uint64_t since = timer_us();
    while ((d->status & DESC_OWN) != 0)
        if (!emac.link.up || timer_over(since, ROOM_US))
            return false;
    return true;
}

bool emac_send(const struct board_span *parts, size_t n)
{
    struct descriptor *d = &tx_ring[emac.tx];
    uint8_t *buffer = tx_buffers[emac.tx];
    size_t len = 0;
    if (!has_room(d))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len > BUFFER - len)
            return false;
        memcpy(buffer + len, parts[i].data, parts[i].len);
        len += parts[i].len;
    }
    if (len < SHORTEST) {
        memset(buffer + len, 0, SHORTEST - len);
        len = SHORTEST;
    }
    d->size = (uint32_t)len | TX_FIRST | TX_LAST | TX_CHAIN;
    memory_barrier();
    d->status = DESC_OWN;
    memory_barrier();
    reg_set(EMAC + TX_CTL_1, DMA_START | DMA_EN);
    emac.tx = (emac.tx + 1) % TX_RING;
    return true;
}
