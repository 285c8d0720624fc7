/* blob.h - the descriptor behind a sealed copy, for sendfile(). */
#ifndef STAGEBOX_PORTS_LINUX_BLOB_H
#define STAGEBOX_PORTS_LINUX_BLOB_H

#include "ports/port.h"

int blob_fd(const struct port_blob *blob);

#endif
