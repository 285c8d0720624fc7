/* picture.h - the batch as lines of text for a console: how many phones are in which state, and a row for each that is
 * not done. */
#ifndef STAGEBOX_APP_PICTURE_H
#define STAGEBOX_APP_PICTURE_H

#include "app/staging/staging.h"
#include "app/timers.h"

#define PICTURE_MS 10000 /* how often it is drawn, where something changed */
#define PICTURE_ROWS 24  /* further phones are counted only */
#define PICTURE_LINE 200 /* bytes of a line with its NUL */

typedef void picture_line_fn(void *ctx, const char *line);

struct picture {
    const struct staging *staging;
    struct timers *timers;
    struct timer timer;
    picture_line_fn *line;
    void *ctx;
    uint64_t drawn; /* what it showed last */
};

/* Draws from now on, until picture_stop(). */
void picture_start(struct picture *picture, const struct staging *staging, struct timers *timers, uint64_t now_ms,
                   picture_line_fn *line, void *ctx);
/* Allowed where it was not started. */
void picture_stop(struct picture *picture);

#endif
