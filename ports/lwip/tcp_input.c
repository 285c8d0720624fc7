/* tcp_input.c - what lwIP tells of a connection is noted; its bytes go into the connection's ring. */
#include "ports/lwip/tcp.h"

#include <string.h>

#include "lwip/priv/tcp_priv.h"

#define KEEP_IDLE_MS 30000
#define KEEP_INTERVAL_MS 10000
#define KEEP_COUNT 3

static void put(struct port_tcp *tcp, const uint8_t *data, size_t len)
{
    size_t at = (tcp->received_at + tcp->received_len) % TCP_WND;
    size_t first = len < TCP_WND - at ? len : TCP_WND - at;
    memcpy(tcp->received + at, data, first);
    memcpy(tcp->received, data + first, len - first);
    tcp->received_len += len;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    struct port_tcp *tcp = arg;
    (void)error;
    if (p == NULL) {
        tcp->peer_done = true;
        return ERR_OK;
    }
    if (tcp->phase == TCP_LINGERING) { /* nobody reads it any more */
        tcp_recved(pcb, p->tot_len);
    } else {
        if (p->tot_len > TCP_WND - tcp->received_len)
            return ERR_MEM; /* cannot be: the window is what is free */
        for (const struct pbuf *part = p; part != NULL; part = part->next)
            put(tcp, part->payload, part->len);
    }
    pbuf_free(p);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct port_tcp *tcp = arg;
    (void)pcb;
    tcp->unacked -= len < tcp->unacked ? len : tcp->unacked; /* a FIN counts, too */
    tcp->copied -= len < tcp->copied ? len : tcp->copied;
    if (tcp->unacked == 0) {
        tcp->copied = 0;
        memset(tcp->blobs, 0, sizeof tcp->blobs);
    }
    tcp->room = true;
    return ERR_OK;
}

/* lwIP has freed the pcb. */
static void on_error(void *arg, err_t error)
{
    struct port_tcp *tcp = arg;
    tcp->pcb = NULL;
    if (error == ERR_CLSD)
        tcp->peer_done = true;
    else
        tcp->reset = true;
}

void tcp_attach(struct port_tcp *tcp, struct tcp_pcb *pcb)
{
    tcp->pcb = pcb;
    tcp_arg(pcb, tcp);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_error);
    tcp_nagle_disable(pcb);
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = KEEP_IDLE_MS;
    pcb->keep_intvl = KEEP_INTERVAL_MS;
    pcb->keep_cnt = KEEP_COUNT;
}

static void silence(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_err(pcb, NULL);
}

void tcp_detach(struct port_tcp *tcp)
{
    struct tcp_pcb *pcb = tcp->pcb;
    tcp->pcb = NULL;
    if (pcb == NULL)
        return;
    silence(pcb);
    if (tcp_close(pcb) != ERR_OK)
        tcp_abort(pcb);
}

void tcp_reset(struct port_tcp *tcp)
{
    struct tcp_pcb *pcb = tcp->pcb;
    tcp->pcb = NULL;
    if (pcb == NULL)
        return;
    silence(pcb);
    tcp_abort(pcb);
}

void tcp_forget(struct port_tcp *tcp)
{
    struct tcp_pcb *pcb = tcp->pcb;
    if (pcb == NULL || !tcp->shut || tcp->unacked > 0) {
        tcp_reset(tcp);
        return;
    }
    tcp->pcb = NULL;
    silence(pcb);
    tcp_abandon(pcb, 0);
}

bool tcp_is_over(const struct port_tcp *tcp)
{
    return tcp->pcb == NULL || (tcp->peer_done && tcp->shut && tcp->unacked == 0);
}

void tcp_consumed(struct port_tcp *tcp, size_t len)
{
    tcp->received_at = (tcp->received_at + len) % TCP_WND;
    tcp->received_len -= len;
    if (tcp->pcb != NULL)
        tcp_recved(tcp->pcb, (u16_t)len);
}
