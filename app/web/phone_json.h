/* phone_json.h - a phone, and the batch, as the API's JSON (contract, section 7). */
#ifndef STAGEBOX_APP_WEB_PHONE_JSON_H
#define STAGEBOX_APP_WEB_PHONE_JSON_H

#include "app/phones/phone.h"
#include "app/staging/staging.h"
#include "app/web/json.h"

/* One object. */
void phone_json(struct json *json, const struct staging *s, const struct phone *phone);
/* The object of /api/v1/summary; `now_ms` is the uptime. */
void summary_json(struct json *json, const struct staging *s, uint64_t uptime_ms, const char *version);

#endif
