/* mmu.c - sections of 1 MB (ARM DDI 0406C, B3.5): DRAM cached, the DMA memory not, all else devices. */
#include "boards/orange-pi-pc/mmu.h"

#include "boards/orange-pi-pc/registers.h"

#define SECTION_BITS 20
#define DRAM_FIRST 0x400u
#define DRAM_END 0xc00u
#define DMA_SECTIONS 2u /* link.ld */
/* Section, full access, domain 0, with TEX, C and B: */
#define DEVICE 0x00000c16u       /* shared device, never executed */
#define CACHED 0x00011c0eu       /* write-back, write-allocate, shareable */
#define NOT_CACHED 0x00011c12u   /* normal memory, never executed */
#define TTBR_WALKS_CACHED 0x4au  /* shareable, write-back */
#define ACTLR_SMP BIT(6)
#define SCTLR_ON (BIT(0) | BIT(2) | BIT(11) | BIT(12)) /* M, C, Z, I */

extern uint32_t __translation_table[];
extern uint8_t __dma_start[];

void mmu_start(void)
{
    uint32_t dma = (uint32_t)__dma_start >> SECTION_BITS, value;
    for (uint32_t i = 0; i < 4096; i++) {
        bool dram = i >= DRAM_FIRST && i < DRAM_END;
        __translation_table[i] = i << SECTION_BITS | (i - dma < DMA_SECTIONS ? NOT_CACHED : dram ? CACHED : DEVICE);
    }
    /* The Cortex-A7 has its caches off as long as SMP is (ARM DDI 0464, 4.3.31). */
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 1" : "=r"(value));
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 1" ::"r"(value | ACTLR_SMP));
    __asm__ volatile("mcr p15, 0, %0, c2, c0, 2" ::"r"(0)); /* TTBCR */
    __asm__ volatile("mcr p15, 0, %0, c2, c0, 0" ::"r"((uint32_t)__translation_table | TTBR_WALKS_CACHED));
    __asm__ volatile("mcr p15, 0, %0, c3, c0, 0" ::"r"(1)); /* DACR: domain 0 is a client */
    memory_barrier();
    __asm__ volatile("mcr p15, 0, %0, c8, c7, 0" ::"r"(0)); /* TLBIALL */
    memory_barrier();
    __asm__ volatile("isb");
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(value));
    __asm__ volatile("mcr p15, 0, %0, c1, c0, 0; isb" ::"r"(value | SCTLR_ON) : "memory");
}
