/* http_slices.c - the queue of those who read what only operators read. */
#include "app/services/http_conn.h"

void http_slices_put(struct http_slices *slices, struct http_conn *conn)
{
    if (conn->sliced)
        return;
    conn->sliced = true;
    conn->next_slice = NULL;
    *(slices->first ? &slices->last->next_slice : &slices->first) = conn;
    slices->last = conn;
}

struct http_conn *http_slices_take(struct http_slices *slices)
{
    struct http_conn *conn = slices->first;
    if (!conn)
        return NULL;
    slices->first = conn->next_slice;
    conn->sliced = false;
    return conn;
}

void http_slices_drop(struct http_slices *slices, struct http_conn *conn)
{
    struct http_conn *before = NULL;
    if (!conn->sliced)
        return;
    for (struct http_conn *at = slices->first; at != conn; at = at->next_slice)
        before = at;
    *(before ? &before->next_slice : &slices->first) = conn->next_slice;
    if (slices->last == conn)
        slices->last = before;
    conn->sliced = false;
}
