/* tftp_client.h - reads one file by TFTP in octet mode: RFC 1350, with blksize (2348) if the request asks for it. Part of
 * fetch.h: the same request, the same end. */
#ifndef PHONES_TFTP_CLIENT_H
#define PHONES_TFTP_CLIENT_H

#include "fetch.h"

struct tftp;

/* NULL: `*error` says why it could not even begin. */
struct tftp *tftp_start(struct station *s, const struct fetch_request *r, uint32_t ip, const struct fetch_events *e,
                        const char **error);
void tftp_cancel(struct tftp *t);

#endif
