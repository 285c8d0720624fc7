/* header.h - what stands before a syslog message: RFC 5424, RFC 3164, or what there is of it. */
#ifndef STAGEBOX_NET_SYSLOG_HEADER_H
#define STAGEBOX_NET_SYSLOG_HEADER_H

#include "net/syslog/cursor.h"
#include "net/syslog/message.h"

#define SYSLOG_LINE_MAX 1024 /* bytes of a line that are looked at */

/* Takes PRI and header away, whatever there is of them, and fills facility, severity and
 * hostname. */
void syslog_header_read(struct cursor *cursor, struct syslog_message *out);

#endif
