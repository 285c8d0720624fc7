/* sid.h - the chip's own number, in fuses. */
#ifndef STAGEBOX_BOARDS_ORANGE_PI_PC_SID_H
#define STAGEBOX_BOARDS_ORANGE_PI_PC_SID_H

#include <stdint.h>

/* One of its four words, 0..3. It is unique, not secret. */
uint32_t sid_word(unsigned n);

#endif
