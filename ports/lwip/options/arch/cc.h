/* cc.h - what lwIP asks of compiler and C library. */
#ifndef STAGEBOX_LWIP_CC_H
#define STAGEBOX_LWIP_CC_H

#include <stdint.h>
#include <stdlib.h>

/* ports/lwip/stack.c */
void stack_broken(const char *what);
uint32_t stack_random(void);

#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(what) stack_broken(what)
#define LWIP_RAND() stack_random()

#endif
