/* trng.c - one task for the crypto engine ("Crypto Engine" of the reference manual: task descriptor). */
#include "boards/orange-pi-pc/trng.h"

#include <string.h>

#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/timer.h"

#define BUS_CLK_GATING_REG0 0x060
#define BUS_SOFT_RST_REG0 0x2c0
#define CE_BIT 5
#define CE_CLK_REG 0x09c
#define CLK_ON_24M BIT(31)

#define CE_TDQ 0x00
#define CE_ICR 0x08
#define CE_ISR 0x0c
#define CE_TLR 0x10
#define CE_ESR 0x18
#define CHANNEL 0
#define ALGORITHM_TRNG 48u
#define COMMON_INTERRUPT BIT(31)
#define TASK_US 20000

struct scatter {
    uint32_t address, words;
};
static struct {
    uint32_t channel, common, symmetric, asymmetric, key, iv, counter, words;
    struct scatter from[8], to[8];
    uint32_t next, reserved[3];
} task DMA_MEMORY;
static unsigned char numbers[TRNG_BYTES] DMA_MEMORY;

static bool run(void)
{
    uint64_t since = timer_us();
    reg_write(CE + CE_ICR, BIT(CHANNEL));
    reg_write(CE + CE_TDQ, (uint32_t)&task);
    memory_barrier();
    reg_write(CE + CE_TLR, 1 | ALGORITHM_TRNG << 8);
    while ((reg_read(CE + CE_ISR) & BIT(CHANNEL)) == 0)
        if (timer_over(since, TASK_US))
            return false;
    reg_write(CE + CE_ISR, BIT(CHANNEL));
    return (reg_read(CE + CE_ESR) & 0xff) == 0;
}

bool trng_read(unsigned char out[TRNG_BYTES])
{
    static bool absent; /* one that did not answer is not waited for again */
    if (absent)
        return false;
    bus_open(BUS_CLK_GATING_REG0, BUS_SOFT_RST_REG0, CE_BIT);
    reg_set(CCU + CE_CLK_REG, CLK_ON_24M);
    memset(&task, 0, sizeof task);
    memset(numbers, 0, sizeof numbers);
    task.channel = CHANNEL;
    task.common = ALGORITHM_TRNG | COMMON_INTERRUPT;
    task.words = TRNG_BYTES / 4;
    task.to[0] = (struct scatter){(uint32_t)numbers, TRNG_BYTES / 4};
    memory_barrier();
    bool done = run();
    absent = !done;
    memcpy(out, numbers, TRNG_BYTES);
    return done && memcmp(numbers, numbers + 1, TRNG_BYTES - 1) != 0;
}
