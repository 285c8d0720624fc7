/* status.h - status codes and their reason phrases. */
#ifndef STAGEBOX_NET_HTTP_STATUS_H
#define STAGEBOX_NET_HTTP_STATUS_H

/* "Not Found" for 404; "Unknown" for codes that RFC 9110 and RFC 6585 do not name. */
const char *http_reason(int status);

#endif
