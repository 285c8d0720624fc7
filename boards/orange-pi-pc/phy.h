/* phy.h - the H3's own 10/100 PHY, by MDIO. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_PHY_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_PHY_H

#include <stdbool.h>

struct phy_link {
    bool up, full_duplex, fast; /* fast: 100 Mbit/s */
};

/* Clocks, power and reset; to be called before the EMAC itself is reset. */
void phy_power_on(void);
/* Offers all that it can. False where there is no PHY. */
bool phy_start(void);
struct phy_link phy_link(void);

#endif
