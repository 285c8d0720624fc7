#include "boards/orange-pi-pc/timer.h"

#include "boards/orange-pi-pc/registers.h"

#define TMR0_CTRL_REG 0x10
#define TMR0_INTV_VALUE_REG 0x14
#define TMR0_CUR_VALUE_REG 0x18
#define CTRL_SINGLE BIT(7)
#define CTRL_OSC24M BIT(2)
#define CTRL_RELOAD BIT(1)
#define CTRL_EN BIT(0)
#define OSC24M_HZ 24000000u
#define MEASURED (OSC24M_HZ / 50) /* 20 ms */

#define GICD_CTLR 0x000
#define GICD_ISENABLER 0x100
#define GICD_ITARGETSR 0x800
#define GICC_CTLR 0x000
#define GICC_PMR 0x004
#define SECURE_TIMER 29
#define TIMER_INTERRUPT 30
#define EMAC_INTERRUPT 114

static uint32_t hz;

uint64_t timer_ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("isb; mrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high)::"memory"); /* CNTPCT */
    return (uint64_t)high << 32 | low;
}

uint32_t timer_hz(void)
{
    return hz;
}

static bool near(uint32_t a, uint32_t b)
{
    return a > b / 50 * 49 && a < b / 50 * 51;
}

/* Against timer 0, which counts the 24 MHz crystal down. QEMU's counter has 62.5 MHz, whatever the loader wrote into
 * CNTFRQ. Waiting for CTRL_RELOAD to become 0 would be the manual's way; QEMU leaves it set. */
static uint32_t measured(void)
{
    reg_write(TIMER + TMR0_CTRL_REG, 0);
    reg_write(TIMER + TMR0_INTV_VALUE_REG, UINT32_MAX);
    reg_write(TIMER + TMR0_CTRL_REG, CTRL_SINGLE | CTRL_OSC24M | CTRL_RELOAD | CTRL_EN);
    uint32_t from = reg_read(TIMER + TMR0_CUR_VALUE_REG);
    uint64_t begin = timer_ticks();
    while (from - reg_read(TIMER + TMR0_CUR_VALUE_REG) < MEASURED)
        ;
    uint32_t counted = from - reg_read(TIMER + TMR0_CUR_VALUE_REG);
    return (uint32_t)((timer_ticks() - begin) * OSC24M_HZ / counted);
}

/* Interrupts only end a wfi: they stay masked, and nobody acknowledges them. */
static void start_interrupts(void)
{
    static const unsigned used[] = {SECURE_TIMER, TIMER_INTERRUPT, EMAC_INTERRUPT};
    for (unsigned i = 0; i < sizeof used / sizeof *used; i++)
        reg_write(GIC_DISTRIBUTOR + GICD_ISENABLER + used[i] / 32 * 4, BIT(used[i] % 32));
    uint32_t target = GIC_DISTRIBUTOR + GICD_ITARGETSR + EMAC_INTERRUPT / 4 * 4;
    reg_set(target, BIT(EMAC_INTERRUPT % 4 * 8)); /* CPU 0 */
    reg_write(GIC_CPU_INTERFACE + GICC_PMR, 0xff);
    reg_write(GIC_CPU_INTERFACE + GICC_CTLR, 1);
    reg_write(GIC_DISTRIBUTOR + GICD_CTLR, 1);
}

void timer_start(void)
{
    uint32_t told;
    __asm__ volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(told)); /* CNTFRQ */
    uint32_t seen = measured();
    const uint32_t known = 62500000;
    hz = near(seen, told) ? told : near(seen, known) ? known : seen;
    start_interrupts();
}

uint64_t timer_us(void)
{
    uint64_t ticks = timer_ticks();
    return ticks / hz * 1000000 + ticks % hz * 1000000 / hz;
}

uint64_t timer_ms(void)
{
    return timer_us() / 1000;
}

void timer_delay_us(uint32_t us)
{
    uint64_t since = timer_us();
    while (!timer_over(since, us))
        ;
}

void timer_sleep(uint64_t until_us)
{
    uint64_t now = timer_us();
    if (until_us <= now)
        return;
    uint64_t left = until_us - now < 1000000 ? until_us - now : 1000000;
    uint32_t ticks = (uint32_t)(left * hz / 1000000);
    __asm__ volatile("mcr p15, 0, %0, c14, c2, 0" ::"r"(ticks)); /* CNTP_TVAL */
    __asm__ volatile("mcr p15, 0, %0, c14, c2, 1; isb" ::"r"(1)); /* CNTP_CTL: on */
    memory_barrier();
    __asm__ volatile("wfi" ::: "memory");
    __asm__ volatile("mcr p15, 0, %0, c14, c2, 1; isb" ::"r"(0));
}
