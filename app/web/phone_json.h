/* phone_json.h - a phone, and the batch, as the API's JSON (contract, section 7). */
#ifndef STAGEBOX_APP_WEB_PHONE_JSON_H
#define STAGEBOX_APP_WEB_PHONE_JSON_H

#include "app/phones/phone.h"
#include "app/staging/staging.h"
#include "app/web/diary.h"
#include "app/web/json.h"

/* One object. */
void phone_json(struct json *json, const struct staging *s, const struct phone *phone);
/* Members of a line that was said, in an object. */
void line_json(struct json *json, const struct staging *s, const struct diary_line *line);
/* The object of /api/v1/summary; `wall_ms`: 0 while the clock is not set. */
void summary_json(struct json *json, const struct staging *s, uint64_t now_ms, int64_t wall_ms,
                  const char *version);

#endif
