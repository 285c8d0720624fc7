/* status_draw.h - the batch as rows of text, from the API's JSON. */
#ifndef STAGEBOX_APP_CLI_STATUS_DRAW_H
#define STAGEBOX_APP_CLI_STATUS_DRAW_H

#include <cjson/cJSON.h>

#include "app/out.h"

#define STATUS_NARROW 72 /* columns: fewer are taken for so many */

/* The whole picture, lines of at most `columns`, at most `rows` of them (0: all): what does not fit is counted in
 * the last one. What needs a hand comes first. Bytes of the box are text only: nothing in them moves the cursor. */
void status_draw(const cJSON *summary, const cJSON *phones, unsigned columns, unsigned rows, struct out *out);
/* One line for one phone, without its bar: "58bfea1104e6 SPA504G loading 7.5.2b > 7.6.1: note". */
void status_line(const cJSON *phone, struct out *out);

#endif
