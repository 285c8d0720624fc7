/* machine.h - small parts of the board: watchdog, status LED, real-time clock, memory. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_MACHINE_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -- watchdog.c ---------------------------------------------------------------------------------- */

/* From now on the board restarts where watchdog_feed() is not called for 16 s. */
void watchdog_start(void);
void watchdog_feed(void);
/* Restarts the board now. */
_Noreturn void watchdog_reset(void);

/* -- led.c ------------------------------------------------------------------------------------------ */

/* The green LED, PL10 on the Orange Pi PC and on the NanoPi NEO. */
void led_start(void);
void led_set(bool on);

/* -- rtc.c ------------------------------------------------------------------------------------------ */

/* Milliseconds since 1970, as the clock that runs without the CPU says; whatever it says. */
int64_t rtc_read_ms(void);
void rtc_write_ms(int64_t unix_ms);

/* -- memory.c ----------------------------------------------------------------------------------------- */

/* The most bytes that the heap, and the stack, have had so far. */
size_t memory_heap_used(void);
size_t memory_stack_used(void);

#endif
