#include "boards/orange-pi-pc/machine.h"

#include "boards/orange-pi-pc/registers.h"

#define WDOG0_CTRL_REG 0xb0
#define WDOG0_CFG_REG 0xb4
#define WDOG0_MODE_REG 0xb8
#define CTRL_RESTART ((UINT32_C(0xa57) << 1) | 1)
#define CFG_WHOLE_SYSTEM 1
#define MODE_EN BIT(0)
#define MODE_16_S (UINT32_C(0xb) << 4)
#define MODE_HALF_S (UINT32_C(0) << 4)

void watchdog_start(void)
{
    reg_write(TIMER + WDOG0_CFG_REG, CFG_WHOLE_SYSTEM);
    reg_write(TIMER + WDOG0_MODE_REG, MODE_16_S | MODE_EN);
    watchdog_feed();
}

void watchdog_feed(void)
{
    reg_write(TIMER + WDOG0_CTRL_REG, CTRL_RESTART);
}

_Noreturn void watchdog_reset(void)
{
    reg_write(TIMER + WDOG0_CFG_REG, CFG_WHOLE_SYSTEM);
    reg_write(TIMER + WDOG0_MODE_REG, MODE_HALF_S | MODE_EN);
    for (;;)
        ;
}
