/* mqtt.h - tells an MQTT broker how the batch goes ([mqtt] of the settings): retained, and taken away when a phone
 * is forgotten, so that who comes later sees the same. A broker that is not there costs nothing but a try now and
 * then. */
#ifndef STAGEBOX_APP_SERVICES_MQTT_H
#define STAGEBOX_APP_SERVICES_MQTT_H

#include "app/timers.h"
#include "app/web/events.h"
#include "config/settings.h"

struct mqtt_service;

struct mqtt_service_options {
    struct port *port;
    struct staging *staging;
    struct timers *timers;
    struct events *events;           /* one place among its viewers is the service's */
    const struct settings *settings; /* the same memory at each reload */
};
/* NULL where there is no memory. Without a broker it waits for settings that name one. */
struct mqtt_service *mqtt_service_open(const struct mqtt_service_options *options);
/* Settings were read anew: it connects again where they are others. */
void mqtt_service_reloaded(struct mqtt_service *service);
/* Says `offline` and hangs up. NULL is harmless. */
void mqtt_service_close(struct mqtt_service *service);

#endif
