#include "boards/orange-pi-pc/sid.h"

#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/timer.h"

#define SID_PRCTL 0x40
#define SID_RDKEY 0x60
#define PRCTL_OP_LOCK (UINT32_C(0xac) << 8)
#define PRCTL_READ BIT(1)
#define READ_US 10000

/* By the control register: the H3's shadow of the fuses can be wrong after a cold start. */
uint32_t sid_word(unsigned n)
{
    uint64_t since = timer_us();
    reg_write(SID + SID_PRCTL, (n * 4) << 16 | PRCTL_OP_LOCK | PRCTL_READ);
    while ((reg_read(SID + SID_PRCTL) & PRCTL_READ) != 0 && !timer_over(since, READ_US))
        ;
    uint32_t word = reg_read(SID + SID_RDKEY);
    reg_write(SID + SID_PRCTL, 0);
    return word;
}
