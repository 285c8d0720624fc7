/* map.h - the two sections whose keys are no names: [dhcp.option] and [dhcp.host]. */
#ifndef STAGEBOX_CONFIG_MAP_H
#define STAGEBOX_CONFIG_MAP_H

#include "config/settings.h"

struct map_place {
    struct settings *settings;
    const char *file;
    int line;
    struct problems *problems;
};

/* 43 = hex:01:04, 15 = text:..., 7 = ip:192.168.10.10, ... */
void map_add_option(const struct map_place *place, const char *code, const char *value);
/* 58bfea1104e6 = 192.168.10.20 */
void map_add_host(const struct map_place *place, const char *mac, const char *value);

#endif
