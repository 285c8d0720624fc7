/* line_cache.h - the JSON of the log's last lines, made once however many viewers are told of them. */
#ifndef STAGEBOX_APP_WEB_LINE_CACHE_H
#define STAGEBOX_APP_WEB_LINE_CACHE_H

#include "app/staging/staging.h"
#include "app/web/diary.h"

#define LINE_CACHE_TEXT 352 /* bytes of one; longer ones are made each time */
#define LINE_CACHE_LINES 64 /* so many for a box with many viewers... */
#define LINE_CACHE_FEW 4    /* ...and for one with few */
#define LINE_CACHE_VIEWERS 16

struct line_cache;

/* NULL where there is no memory. */
struct line_cache *line_cache_open(size_t viewers);
void line_cache_close(struct line_cache *cache);
/* Writes the JSON of line `number` of diary_log(), which is `line` of `who`, to `buf`; its length. *made is raised where it
 * had to be made. */
size_t line_cache_put(struct line_cache *cache, const struct staging *s, uint64_t number, const struct diary_line *line,
                      const char *who, unsigned *made, char *buf, size_t cap);

#endif
