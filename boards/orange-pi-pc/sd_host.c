#include "boards/orange-pi-pc/sd_host.h"

#include <string.h>

#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/timer.h"

#define PF_CFG0 0xb4
#define BUS_CLK_GATING_REG0 0x060
#define BUS_SOFT_RST_REG0 0x2c0
#define SD0_BIT 8
#define SDMMC0_CLK_REG 0x088
#define CLK_ON BIT(31)
#define CLK_400K (CLK_ON | UINT32_C(2) << 16 | 14) /* 24 MHz / 4 / 15 */
#define CLK_24M CLK_ON

#define SD_GCTL 0x00
#define SD_CKCR 0x04
#define SD_TMOR 0x08
#define SD_BWDR 0x0c
#define SD_BKSR 0x10
#define SD_BYCR 0x14
#define SD_CMDR 0x18
#define SD_CAGR 0x1c
#define SD_RESP0 0x20
#define SD_IMKR 0x30
#define SD_RISR 0x38
#define SD_STAR 0x3c
#define SD_FWLR 0x40
#define SD_DMAC 0x80
#define SD_DLBA 0x84
#define SD_IDST 0x88

#define GCTL_SOFT_RST BIT(0)
#define GCTL_FIFO_RST BIT(1)
#define GCTL_DMA_RST BIT(2)
#define GCTL_DMA_ENB BIT(5)
#define GCTL_FIFO_BY_CPU BIT(31)
#define CKCR_CCLK_ENB BIT(16)
#define CMDR_LOAD BIT(31)
#define CMDR_CHANGE_CLOCK BIT(21)
#define RISR_COMMAND_DONE BIT(2)
#define RISR_DATA_DONE BIT(3)
#define RISR_AUTO_STOP_DONE BIT(14)
#define RISR_ERRORS 0xbbc2u /* response, CRC, timeouts, FIFO, locked, start and end bits */
#define STAR_CARD_BUSY BIT(9)
#define FWLR_BURST_8 0x20070008u
#define DMAC_SOFT_RST BIT(0)
#define DMAC_FIXED_BURST BIT(1)
#define DMAC_ON BIT(7)
#define IDST_SENT BIT(0)
#define IDST_RECEIVED BIT(1)
#define IDST_ALL 0x337u

#define DESC_LAST BIT(2)
#define DESC_FIRST BIT(3)
#define DESC_END_OF_RING BIT(5)
#define DESC_OWN BIT(31)

#define RESET_US 100000
#define COMMAND_US 1000000
#define TRANSFER_US 3000000 /* a card may take half a second to write, says its specification; some take more */

static struct {
    volatile uint32_t status, size, buffer, next;
} descriptor DMA_MEMORY;
static uint8_t blocks_buffer[SD_BLOCKS_MAX * SD_BLOCK] DMA_MEMORY;

static struct {
    bool begun, write;
    uint32_t wanted; /* of SD_RISR, when all is over */
    uint32_t bytes;
} transfer;

/* -- waiting ----------------------------------------------------------------------------------------------- */

static bool wait_clear(uint32_t reg, uint32_t bits, uint32_t us)
{
    uint64_t since = timer_us();
    while ((reg_read(SD_MMC0 + reg) & bits) != 0)
        if (timer_over(since, us))
            return false;
    return true;
}

/* All of `bits`, and no error. */
static bool wait_raw_interrupt(uint32_t bits, uint32_t us)
{
    uint64_t since = timer_us();
    for (;;) {
        uint32_t now = reg_read(SD_MMC0 + SD_RISR);
        if ((now & RISR_ERRORS) != 0 || timer_over(since, us))
            return false;
        if ((now & bits) == bits)
            return true;
    }
}

/* -- start, clock, commands ---------------------------------------------------------------------------------- */

bool sd_host_start(void)
{
    transfer.begun = false;
    reg_write(PIO + PF_CFG0, 0x00222222); /* PF0 to PF5: SDC0 */
    bus_open(BUS_CLK_GATING_REG0, BUS_SOFT_RST_REG0, SD0_BIT);
    reg_write(SD_MMC0 + SD_GCTL, GCTL_SOFT_RST | GCTL_FIFO_RST | GCTL_DMA_RST);
    if (!wait_clear(SD_GCTL, GCTL_SOFT_RST | GCTL_FIFO_RST | GCTL_DMA_RST, RESET_US))
        return false;
    reg_write(SD_MMC0 + SD_TMOR, UINT32_MAX);
    reg_write(SD_MMC0 + SD_IMKR, 0);
    reg_write(SD_MMC0 + SD_BWDR, 0);
    return true;
}

/* The card's clock changes by a command of its own, while it is off and again when it is on. */
static bool tell_clock(uint32_t control)
{
    reg_write(SD_MMC0 + SD_CKCR, control);
    reg_write(SD_MMC0 + SD_CMDR, CMDR_LOAD | CMDR_CHANGE_CLOCK | SD_WAIT);
    bool done = wait_clear(SD_CMDR, CMDR_LOAD, RESET_US);
    reg_write(SD_MMC0 + SD_RISR, UINT32_MAX);
    return done;
}

bool sd_host_clock(bool fast)
{
    if (!tell_clock(0))
        return false;
    reg_write(CCU + SDMMC0_CLK_REG, fast ? CLK_24M : CLK_400K);
    return tell_clock(CKCR_CCLK_ENB);
}

void sd_host_four_bits(void)
{
    reg_write(SD_MMC0 + SD_BWDR, 1);
}

bool sd_host_command(unsigned number, uint32_t argument, unsigned flags)
{
    reg_write(SD_MMC0 + SD_RISR, UINT32_MAX);
    reg_write(SD_MMC0 + SD_CAGR, argument);
    reg_write(SD_MMC0 + SD_CMDR, CMDR_LOAD | number | flags);
    return wait_raw_interrupt(RISR_COMMAND_DONE, COMMAND_US);
}

uint32_t sd_host_response(unsigned n)
{
    return reg_read(SD_MMC0 + SD_RESP0 + 4 * n);
}

/* -- transfers --------------------------------------------------------------------------------------------------- */

static bool prepare_dma(void)
{
    descriptor.status = DESC_OWN | DESC_END_OF_RING | DESC_FIRST | DESC_LAST;
    descriptor.size = transfer.bytes;
    descriptor.buffer = (uint32_t)blocks_buffer;
    descriptor.next = 0;
    reg_write(SD_MMC0 + SD_RISR, UINT32_MAX);
    reg_write(SD_MMC0 + SD_IDST, IDST_ALL);
    uint32_t control = reg_read(SD_MMC0 + SD_GCTL) & ~GCTL_FIFO_BY_CPU;
    reg_write(SD_MMC0 + SD_GCTL, control | GCTL_DMA_ENB | GCTL_DMA_RST | GCTL_FIFO_RST);
    if (!wait_clear(SD_GCTL, GCTL_DMA_RST | GCTL_FIFO_RST, RESET_US))
        return false;
    reg_write(SD_MMC0 + SD_DMAC, DMAC_SOFT_RST);
    reg_write(SD_MMC0 + SD_DMAC, DMAC_ON | DMAC_FIXED_BURST);
    reg_write(SD_MMC0 + SD_FWLR, FWLR_BURST_8);
    reg_write(SD_MMC0 + SD_DLBA, (uint32_t)&descriptor);
    return true;
}

bool sd_host_begin(uint32_t argument, uint32_t blocks, const void *data)
{
    bool many = blocks > 1;
    transfer.write = data != NULL;
    transfer.bytes = blocks * SD_BLOCK;
    transfer.wanted = RISR_COMMAND_DONE | (many ? RISR_AUTO_STOP_DONE : RISR_DATA_DONE);
    if (data != NULL)
        memcpy(blocks_buffer, data, transfer.bytes);
    if (!prepare_dma())
        return false;
    reg_write(SD_MMC0 + SD_BKSR, SD_BLOCK);
    reg_write(SD_MMC0 + SD_BYCR, transfer.bytes);
    reg_write(SD_MMC0 + SD_CAGR, argument);
    unsigned number = (transfer.write ? 24u : 17u) + many; /* CMD24, CMD25, CMD17, CMD18 */
    unsigned flags = SD_RESPONSE | SD_CHECK_CRC | SD_DATA | SD_WAIT | (many ? SD_AUTO_STOP : 0) | (transfer.write ? SD_WRITE : 0);
    memory_barrier();
    reg_write(SD_MMC0 + SD_CMDR, CMDR_LOAD | number | flags);
    transfer.begun = true;
    return true;
}

bool sd_host_working(void)
{
    if (!transfer.begun)
        return false;
    uint32_t now = reg_read(SD_MMC0 + SD_RISR);
    if ((now & RISR_ERRORS) != 0)
        return false;
    return (now & transfer.wanted) != transfer.wanted || (reg_read(SD_MMC0 + SD_STAR) & STAR_CARD_BUSY) != 0;
}

bool sd_host_end(void *buf)
{
    if (!transfer.begun)
        return true;
    transfer.begun = false;
    bool good = wait_raw_interrupt(transfer.wanted, TRANSFER_US);
    uint32_t moved = transfer.write ? IDST_SENT : IDST_RECEIVED;
    uint64_t since = timer_us();
    while (good && (reg_read(SD_MMC0 + SD_IDST) & moved) == 0)
        good = !timer_over(since, TRANSFER_US);
    if (good && transfer.write)
        good = wait_clear(SD_STAR, STAR_CARD_BUSY, TRANSFER_US);
    reg_write(SD_MMC0 + SD_DMAC, 0);
    reg_write(SD_MMC0 + SD_IDST, IDST_ALL);
    reg_write(SD_MMC0 + SD_RISR, UINT32_MAX);
    reg_clear(SD_MMC0 + SD_GCTL, GCTL_DMA_ENB);
    memory_barrier();
    if (good && !transfer.write)
        memcpy(buf, blocks_buffer, transfer.bytes);
    return good;
}
