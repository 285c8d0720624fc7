#include "app/box_warnings.h"

#include <stdio.h>

static void look_at_room(struct box_warnings *w)
{
    uint64_t room, size;
    char text[160];
    if (port_room(w->port, &room, &size) < 0)
        return;
    uint64_t least = size > BOX_ROOM_SMALL_CARD ? BOX_ROOM_MIN : size / 64;
    snprintf(text, sizeof text, "The card is nearly full, %llu KB are free: delete files that are not needed.",
             (unsigned long long)(room >> 10));
    staging_warn(w->staging, "card", room < least ? text : NULL);
}

static void on_timer(void *ctx, struct timer *timer, uint64_t now_ms)
{
    struct box_warnings *w = ctx;
    look_at_room(w);
    timer_set(w->timers, timer, now_ms + BOX_WARNINGS_MS);
}

void box_warnings_start(struct box_warnings *w, struct port *port, struct staging *staging, struct timers *timers)
{
    *w = (struct box_warnings){.port = port, .staging = staging, .timers = timers};
    timer_init(&w->timer, on_timer, w);
    on_timer(w, &w->timer, port_now_ms(port));
}

void box_warnings_stop(struct box_warnings *w)
{
    if (w->timers)
        timer_clear(w->timers, &w->timer);
}

void box_warnings_read(struct box_warnings *w, bool settings, bool content, int images)
{
    char text[160];
    snprintf(text, sizeof text, "%d file%s in firmware/ %s left out: see what `check` says.", images,
             images == 1 ? "" : "s", images == 1 ? "is" : "are");
    staging_warn(w->staging, "images", images > 0 ? text : NULL);
    staging_warn(w->staging, "settings",
                 settings ? NULL : "The settings have errors, the old ones stay in force: see what `check` says.");
    staging_warn(w->staging, "content",
                 content ? NULL
                         : "Something on the card is broken and stays as it was before: see what `check` says.");
}
