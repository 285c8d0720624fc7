#include "boards/orange-pi-pc/machine.h"

#include "boards/orange-pi-pc/registers.h"

#define APB0_GATE_REG 0x28 /* of R_PRCM; bit 0: R_PIO */
#define PL_CFG1_REG 0x04   /* PL8 to PL15, four bits each */
#define PL_DATA_REG 0x10
#define PIN 10
#define OUTPUT 1u

void led_start(void)
{
    reg_set(R_PRCM + APB0_GATE_REG, BIT(0));
    uint32_t shift = (PIN - 8) * 4, pins = reg_read(R_PIO + PL_CFG1_REG);
    reg_write(R_PIO + PL_CFG1_REG, (pins & ~(UINT32_C(15) << shift)) | OUTPUT << shift);
}

void led_set(bool on)
{
    (on ? reg_set : reg_clear)(R_PIO + PL_DATA_REG, BIT(PIN));
}
