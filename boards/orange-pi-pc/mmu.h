/* mmu.h - the map of memory, and the caches. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_MMU_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_MMU_H

/* Switches MMU, caches and branch prediction on. To be called before anything that may access memory unaligned: with
 * the MMU off that is a fault on hardware. */
void mmu_start(void);

#endif
