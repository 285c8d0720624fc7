/* registers.h - reading and writing registers, and where the parts of the H3 are ("Allwinner H3 Datasheet" V1.2, the
 * reference manual; names are its own). */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_REGISTERS_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSTEM_CONTROL UINT32_C(0x01c00000)
#define SD_MMC0 UINT32_C(0x01c0f000)
#define SID UINT32_C(0x01c14000)
#define CE UINT32_C(0x01c15000)
#define CCU UINT32_C(0x01c20000)
#define PIO UINT32_C(0x01c20800)
#define TIMER UINT32_C(0x01c20c00)
#define UART0 UINT32_C(0x01c28000)
#define EMAC UINT32_C(0x01c30000)
#define GIC_DISTRIBUTOR UINT32_C(0x01c81000)
#define GIC_CPU_INTERFACE UINT32_C(0x01c82000)
#define RTC UINT32_C(0x01f00000)
#define R_PRCM UINT32_C(0x01f01400)
#define R_PIO UINT32_C(0x01f02c00)

#define BIT(n) (UINT32_C(1) << (n))
/* For what the hardware reads and writes itself: memory that is not cached. */
#define DMA_MEMORY __attribute__((section(".dma"), aligned(64)))

static inline void reg_write(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}
static inline uint32_t reg_read(uint32_t address)
{
    return *(volatile uint32_t *)address;
}
static inline void reg_set(uint32_t address, uint32_t bits)
{
    reg_write(address, reg_read(address) | bits);
}
static inline void reg_clear(uint32_t address, uint32_t bits)
{
    reg_write(address, reg_read(address) & ~bits);
}
/* What was written before reaches memory before what follows is written. */
static inline void memory_barrier(void)
{
    __asm__ volatile("dsb" ::: "memory");
}

/* CCU: a bus gate and reset are the same bit of two registers, BUS_CLK_GATING_REGn and BUS_SOFT_RST_REGn. */
static inline void bus_open(uint32_t gate, uint32_t reset, unsigned bit)
{
    reg_set(CCU + gate, BIT(bit));
    reg_set(CCU + reset, BIT(bit));
}

#endif
