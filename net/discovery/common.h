/* common.h - what both protocols are read with. A private part of this folder. */
#ifndef STAGEBOX_NET_DISCOVERY_COMMON_H
#define STAGEBOX_NET_DISCOVERY_COMMON_H

#include "net/discovery/discovery.h"

#define FRAME_HEAD 14 /* two MACs, and a type or length */

/* Makes a text printable and ends it; blanks at both ends go. */
void discovery_text(char out[DISCOVERY_TEXT_MAX], const uint8_t *bytes, size_t len);
/* The frame's source MAC, everything else empty. */
void discovery_begin(struct discovery *out, const uint8_t *frame);

#endif
