/* server_state.h - what the files of the server engine share. Private to them: server.c (states,
 * time, input), server_head.c, server_body.c (request bodies), server_respond.c (the answer),
 * server_output.c. */
#ifndef STAGEBOX_NET_HTTP_SERVER_STATE_H
#define STAGEBOX_NET_HTTP_SERVER_STATE_H

#include "net/http/server.h"
#include "net/http/writer.h"

enum http_state {
    HTTP_ST_HEAD,    /* between requests, or in the head of one */
    HTTP_ST_HOST,    /* the host is to answer */
    HTTP_ST_BODY,    /* the host takes the body */
    HTTP_ST_RESPOND, /* output is going out */
    HTTP_ST_SHUT,    /* all output is out, the host is to be told */
    HTTP_ST_LINGER,  /* waits for the peer's end */
    HTTP_ST_CLOSED
};

/* Enters a state and starts its time. */
void http_enter(struct http_server *s, enum http_state state, uint64_t now_ms);
/* HTTP_REQUEST when a head is whole; HTTP_WAIT while it is not, or when it was refused. */
enum http_event http_head_event(struct http_server *s, uint64_t now_ms);
/* The next thing in a body; HTTP_WAIT where bytes are missing. May refuse. */
enum http_event http_body_event(struct http_server *s, uint64_t now_ms);
/* The engine answers by itself and ends the connection after it. */
void http_refuse(struct http_server *s, int status, const char *why, uint64_t now_ms);
/* Writes behind what is in the output buffer and not yet sent; http_written() takes it over. */
struct writer http_writer(struct http_server *s);
void http_written(struct http_server *s, const struct writer *w);
/* Bytes that have arrived, as far as we know. */
uint64_t http_moved(const struct http_server *s);
/* True where no output of the response is left. */
bool http_output_done(const struct http_server *s);

#endif
