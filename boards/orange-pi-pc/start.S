/* start.S - from whoever loaded the program (QEMU -kernel, U-Boot's go or bootelf) to main(), on CPU 0. */
    .syntax unified
    .arch armv7ve
    .arm

    .equ MODE_MASK, 0x1f
    .equ MODE_ABT, 0x17
    .equ MODE_UND, 0x1b
    .equ MODE_SVC, 0x13
    .equ MODE_HYP, 0x1a
    .equ CPSR_AIF, 0x1c0
    .equ SCTLR_M, 1 << 0
    .equ SCTLR_A, 1 << 1
    .equ SCTLR_C, 1 << 2
    .equ SCTLR_Z, 1 << 11
    .equ SCTLR_I, 1 << 12
    .equ SCTLR_V, 1 << 13

    .section .text.start, "ax"
    .global _start
_start:
    mrs     r0, cpsr
    and     r1, r0, #MODE_MASK
    cmp     r1, #MODE_HYP
    bne     1f
    adr     r2, 1f
    msr     ELR_hyp, r2
    mov     r2, #(CPSR_AIF | MODE_SVC)
    msr     SPSR_hyp, r2
    eret
1:  cpsid   aif, #MODE_SVC
    /* What is in the loader's caches goes to memory before they are switched off. */
    mrc     p15, 0, r0, c1, c0, 0           /* SCTLR */
    bic     r0, r0, #SCTLR_C
    mcr     p15, 0, r0, c1, c0, 0
    isb
    mov     r9, r0
    bl      clean_data_caches
    bic     r0, r9, #(SCTLR_M | SCTLR_A)
    bic     r0, r0, #(SCTLR_I | SCTLR_Z)
    bic     r0, r0, #SCTLR_V
    mcr     p15, 0, r0, c1, c0, 0
    isb
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 0           /* ICIALLU */
    mcr     p15, 0, r0, c7, c5, 6           /* BPIALL */
    mcr     p15, 0, r0, c8, c7, 0           /* TLBIALL */
    dsb
    isb
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0          /* VBAR */
    ldr     r0, =__exception_stack_top      /* one is enough: a handler tells and never returns */
    cps     #MODE_ABT
    mov     sp, r0
    cps     #MODE_UND
    mov     sp, r0
    cps     #MODE_SVC
    ldr     sp, =__stack_top
    ldr     r0, =__bss_start
    ldr     r1, =__bss_end
    mov     r2, #0
2:  cmp     r0, r1
    strlo   r2, [r0], #4
    blo     2b
    ldr     r0, =__stack_bottom             /* memory_stack_used() looks how far this was overwritten */
    ldr     r1, =__stack_top
    ldr     r2, =0x5ac5ac5a
3:  cmp     r0, r1
    strlo   r2, [r0], #4
    blo     3b
    blx     main
4:  wfi
    b       4b

/* Cleans and invalidates every data cache by set and way (ARM DDI 0406C, B2.2.7); changes r0 to r8, r10, r11. */
clean_data_caches:
    dmb
    mrc     p15, 1, r1, c0, c0, 1           /* CLIDR */
    ands    r3, r1, #0x07000000
    mov     r3, r3, lsr #23                 /* level of coherency, times 2 */
    beq     9f
    mov     r10, #0                         /* level - 1, times 2 */
5:  add     r2, r10, r10, lsr #1
    mov     r4, r1, lsr r2
    and     r4, r4, #7
    cmp     r4, #2
    blt     8f                              /* no data cache there */
    mcr     p15, 2, r10, c0, c0, 0          /* CSSELR */
    isb
    mrc     p15, 1, r4, c0, c0, 0           /* CCSIDR */
    and     r2, r4, #7
    add     r2, r2, #4                      /* log2 of a line's bytes */
    ldr     r5, =0x3ff
    ands    r5, r5, r4, lsr #3              /* ways - 1 */
    clz     r6, r5
    ldr     r7, =0x7fff
    ands    r7, r7, r4, lsr #13             /* sets - 1 */
6:  mov     r8, r5
7:  orr     r11, r10, r8, lsl r6
    orr     r11, r11, r7, lsl r2
    mcr     p15, 0, r11, c7, c14, 2         /* DCCISW */
    subs    r8, r8, #1
    bge     7b
    subs    r7, r7, #1
    bge     6b
8:  add     r10, r10, #2
    cmp     r3, r10
    bgt     5b
9:  mov     r10, #0
    mcr     p15, 2, r10, c0, c0, 0
    dsb
    isb
    bx      lr

    .balign 32
vectors:
    b       _start
    b       undefined
    b       supervisor
    b       prefetch
    b       data
    b       .
    b       .
    b       .
undefined:
    mov     r0, #1
    b       tell
supervisor:
    mov     r0, #2
    b       tell
prefetch:
    mov     r0, #3
    b       tell
data:
    mov     r0, #4
tell:
    mov     r1, lr
    mrc     p15, 0, r2, c5, c0, 0           /* DFSR */
    mrc     p15, 0, r3, c6, c0, 0           /* DFAR */
    blx     fatal_exception
    b       .
