/* events.h - what every viewer of /api/v1/events has yet to be told. A viewer costs two bits a phone, however slow
 * it is: what changed ten times is told once, as it is then.
 *
 * A stream begins with `event: reset` (the viewer forgets all), every phone, `event: summary`, and the log's last
 * lines; then what changes. `event: gone` names a phone that is no more.
 */
#ifndef STAGEBOX_APP_WEB_EVENTS_H
#define STAGEBOX_APP_WEB_EVENTS_H

#include "app/phones/phone.h"
#include "app/staging/staging.h"
#include "app/web/diary.h"

struct events;
struct viewer;

/* `viewers` at once, `phones` places in the registry. NULL where there is no memory. */
struct events *events_open(struct port *port, size_t viewers, size_t phones);
void events_close(struct events *events);
/* What is shown; before the first viewer. */
void events_show(struct events *events, const struct staging *staging);

/* These fit struct staging_hooks. */
void events_changed(void *events, size_t phone);
void events_progressed(void *events, size_t phone);
void events_gone(void *events, const struct phone *phone);
void events_said(void *events, const struct phone *phone, enum port_level level, const char *text);
/* All that was said, a time line for each phone. */
const struct diary *events_diary(const struct events *events);
/* Settings or content are others now: everything is told anew. */
void events_all(struct events *events);

/* NULL: as many as there may be are watching, or there is no memory. */
struct viewer *events_join(struct events *events);
void events_leave(struct viewer *viewer);
/* An http_producer_fn of a struct viewer. */
int events_produce(void *viewer, uint8_t *buf, size_t cap);

/* One event, for whoever tells it in another form. */
struct event {
    const char *kind; /* "reset", "phone", "gone", "summary", "log" */
    const char *name; /* the phone's MAC (twelve hex digits) or serial, of "phone" and "gone"; else "" */
    const char *data; /* its JSON, `len` bytes; all of it until the next call for this viewer */
    size_t len;
};
/* The next one that this viewer is to be told; false: there is none now. Not beside events_produce(). */
bool events_next(struct viewer *viewer, struct event *out);

#define EVENTS_POLL_MS 250 /* how often a producer that had nothing is to be asked again */

#endif
