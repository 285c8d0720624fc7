/* lwip.h - makes a struct port of a board, by lwIP's raw API. All else is ports/port.h. */
#ifndef STAGEBOX_PORTS_LWIP_LWIP_H
#define STAGEBOX_PORTS_LWIP_LWIP_H

#include "ports/lwip/board.h"

/* `board`, with what it points to, must outlive the port. One port at a time: lwIP's state is the
 * program's. NULL where there is no memory. */
struct port *port_lwip_open(const struct board *board);
/* Ends connections with a reset, closes stores after a last sync, gives blobs back. NULL is allowed. */
void port_lwip_close(struct port *port);
/* Microseconds that the longest piece of work (port_work()) has taken so far: so long nobody looked at the receive ring. */
uint64_t port_lwip_longest_work_us(const struct port *port);

#endif
