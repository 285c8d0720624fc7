/* dashboard.h - the page at `/`: its sources are in app/web/page/, compressed into the program when it is built. */
#ifndef STAGEBOX_APP_WEB_DASHBOARD_H
#define STAGEBOX_APP_WEB_DASHBOARD_H

#include "app/web/api.h"

/* Fills *answer with the page; as it was compressed, or plain for who does not accept gzip (RFC 9110 section 12.5.3). */
void api_dashboard(struct api *api, const struct api_request *request, struct api_answer *answer);
/* Whether an Accept-Encoding header (absent: p is NULL) lets a gzip body through; `q=0` refuses. */
bool dashboard_gzip_accepted(struct http_slice header);

#endif
