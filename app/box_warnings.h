/* box_warnings.h - what is wrong with the box itself, as sentences for the operator (staging_warn()). */
#ifndef STAGEBOX_APP_BOX_WARNINGS_H
#define STAGEBOX_APP_BOX_WARNINGS_H

#include "app/staging/staging.h"
#include "app/timers.h"

#define BOX_WARNINGS_MS 60000                   /* how often the card's room is looked at */
#define BOX_ROOM_MIN (UINT64_C(16) << 20)       /* bytes: less is nearly full, where the card has more than... */
#define BOX_ROOM_SMALL_CARD (UINT64_C(1) << 30) /* ...so many; else a sixty-fourth of it */

struct box_warnings {
    struct port *port;
    struct staging *staging;
    struct timers *timers;
    struct timer timer;
};

/* Looks now, and then every minute, until box_warnings_stop(). */
void box_warnings_start(struct box_warnings *w, struct port *port, struct staging *staging, struct timers *timers);
void box_warnings_stop(struct box_warnings *w);
/* How reading the card went: settings and content without errors, and how many images were refused. */
void box_warnings_read(struct box_warnings *w, bool settings, bool content, int images);

#endif
