/* dns_client.h - asks the phone's name server for an A record (phones use no other, phones.md 2.3). */
#ifndef PHONES_DNS_CLIENT_H
#define PHONES_DNS_CLIENT_H

#include "station.h"

struct dns_query;

/* `ip` is 0 where the name has no address or nobody answered; `why` then says which. The query is gone afterwards. */
typedef void dns_done(void *ctx, uint32_t ip, const char *why);

/* Never calls back from inside. NULL: the name cannot be asked for (no server, no socket, a bad name). */
struct dns_query *dns_ask(struct station *s, const char *name, dns_done *done, void *ctx);
void dns_cancel(struct dns_query *q);

#endif
