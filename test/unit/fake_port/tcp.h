/* tcp.h - what the two ends of a fake connection share. */
#ifndef STAGEBOX_TEST_FAKE_PORT_TCP_H
#define STAGEBOX_TEST_FAKE_PORT_TCP_H

#include "test/unit/fake_port/internal.h"

struct port_tcp *fake_tcp_new(struct port *port);
size_t fake_tcp_in_use(const struct port *port);
/* Bytes that the app may write now. */
size_t fake_tcp_room(const struct port_tcp *tcp);
void fake_pipe_put(struct fake_pipe *pipe, const void *data, size_t len);
size_t fake_pipe_get(struct fake_pipe *pipe, void *buf, size_t cap);

#endif
