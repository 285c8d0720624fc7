/* lwipopts.h - lwIP as this port uses it: IPv4, ICMP, UDP and TCP by the raw API, without threads. */
#ifndef STAGEBOX_LWIPOPTS_H
#define STAGEBOX_LWIPOPTS_H

#include <stddef.h>

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0
#define LWIP_IPV6 0
#define LWIP_SINGLE_NETIF 1
#define LWIP_TIMERS 0 /* loop.c calls tcp_tmr() */
#define LWIP_HOOK_FILENAME "hooks.h"

/* Ethernet is ours (interface.c), the neighbour table too (arp.c): lwIP's is a list. */
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define PBUF_LINK_HLEN 0

/* All memory comes from memory.c: pools that are made at start. */
void *memory_take(size_t size);
void *memory_take_zero(size_t count, size_t size);
void memory_give(void *block);
#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc memory_take
#define mem_clib_calloc memory_take_zero
#define mem_clib_free memory_give
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1 /* they count the pools that lwIP would make itself */

/* DHCP clients without an address send from 0.0.0.0. */
#define LWIP_IP_ACCEPT_UDP_PORT(port) ((port) == PP_NTOHS(67))
#define IP_REASSEMBLY 0 /* nothing that phones send comes in fragments */
#define IP_FRAG 1
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_PING 0
#define LWIP_MULTICAST_TX_OPTIONS 0
#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1

#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS)      /* tcp_pool.c has as much room for each connection; requests are short */
#define TCP_SND_BUF (16 * TCP_MSS)
#define TCP_SND_QUEUELEN 64
#define TCP_QUEUE_OOSEQ 0          /* what phones send is short; a hole is sent again */
#define TCP_LISTEN_BACKLOG 0       /* tcp_open.c counts */
#define TCP_MAXRTX 6               /* a dead peer is given up after a minute or so */
#define TCP_SYNMAXRTX 3
#define LWIP_TCP_RTO_TIME 1000     /* RFC 6298 */
#define LWIP_TCP_KEEPALIVE 1

#define LWIP_STATS 1
#define LWIP_STATS_DISPLAY 0

#endif
