#include "boards/orange-pi-pc/phy.h"

#include "boards/orange-pi-pc/registers.h"
#include "boards/orange-pi-pc/timer.h"

#define BUS_CLK_GATING_REG4 0x070
#define BUS_SOFT_RST_REG2 0x2c8
#define EPHY_GATE BIT(0)
#define EPHY_RST BIT(2)
#define EMAC_EPHY_CLK_REG (SYSTEM_CONTROL + 0x30)
#define PHY_ADDRESS 1u
#define CLK_SEL_24M BIT(18)
#define LED_ACTIVE_LOW BIT(17)
#define PHY_INTERNAL BIT(15)

#define MII_CMD 0x48
#define MII_DATA 0x4c
#define MDC_DIV_128 (UINT32_C(3) << 20)
#define MII_WRITE BIT(1)
#define MII_BUSY BIT(0)
#define MDIO_US 10000

/* IEEE 802.3 clause 22.2.4 */
#define CONTROL 0
#define STATUS 1
#define IDENTIFIER 2
#define ADVERTISEMENT 4
#define PARTNER 5
#define CONTROL_AUTONEGOTIATE (BIT(12) | BIT(9))
#define STATUS_LINK BIT(2)
#define OFFER_100_FULL BIT(8)
#define OFFER_100_HALF BIT(7)
#define OFFER_10_FULL BIT(6)
#define OFFER_10_HALF BIT(5)
#define OFFER_802_3 BIT(0)

static bool mdio(unsigned number, uint32_t more)
{
    uint64_t since = timer_us();
    reg_write(EMAC + MII_CMD, MDC_DIV_128 | PHY_ADDRESS << 12 | number << 4 | more | MII_BUSY);
    while ((reg_read(EMAC + MII_CMD) & MII_BUSY) != 0)
        if (timer_over(since, MDIO_US))
            return false;
    return true;
}

static uint32_t phy_read(unsigned number)
{
    return mdio(number, 0) ? reg_read(EMAC + MII_DATA) & 0xffff : 0xffff;
}

static void phy_write(unsigned number, uint32_t value)
{
    reg_write(EMAC + MII_DATA, value);
    mdio(number, MII_WRITE);
}

void phy_power_on(void)
{
    reg_set(CCU + BUS_CLK_GATING_REG4, EPHY_GATE);
    reg_set(CCU + BUS_SOFT_RST_REG2, EPHY_RST);
    reg_write(EMAC_EPHY_CLK_REG, PHY_ADDRESS << 20 | CLK_SEL_24M | LED_ACTIVE_LOW | PHY_INTERNAL);
    timer_delay_us(100);
}

bool phy_start(void)
{
    uint32_t id = phy_read(IDENTIFIER);
    if (id == 0 || id == 0xffff)
        return false;
    phy_write(ADVERTISEMENT, OFFER_100_FULL | OFFER_100_HALF | OFFER_10_FULL | OFFER_10_HALF | OFFER_802_3);
    phy_write(CONTROL, CONTROL_AUTONEGOTIATE);
    return true;
}

struct phy_link phy_link(void)
{
    phy_read(STATUS); /* a lost link stays noted until it was read once (802.3 22.2.4.2.13) */
    bool up = (phy_read(STATUS) & STATUS_LINK) != 0;
    uint32_t both = phy_read(ADVERTISEMENT) & phy_read(PARTNER);
    if ((both & OFFER_100_FULL) != 0)
        return (struct phy_link){up, true, true};
    if ((both & OFFER_100_HALF) != 0)
        return (struct phy_link){up, false, true};
    return (struct phy_link){up, (both & OFFER_10_FULL) != 0, false};
}
