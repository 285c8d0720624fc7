/* blob.h - the descriptor behind a sealed copy, for sendfile(), and who else needs it. */
#ifndef STAGEBOX_PORTS_LINUX_BLOB_H
#define STAGEBOX_PORTS_LINUX_BLOB_H

#include "ports/port.h"

int blob_fd(const struct port_blob *blob);
/* Until it is let go, the copy outlives port_blob_release(): a thread is sending it. Gives `blob`. */
const struct port_blob *blob_hold(const struct port_blob *blob);
void blob_let_go(struct port *port, const struct port_blob *blob);

#endif
