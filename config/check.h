/* check.h - what no value shows by itself: values that do not go together. */
#ifndef STAGEBOX_CONFIG_CHECK_H
#define STAGEBOX_CONFIG_CHECK_H

#include "config/settings.h"

/* The pool for a box that has none in its file: .50 to .250 of a /24, as much of the like in other
 * networks, and whichever side of the box's own address has more room. */
struct settings_range check_default_pool(ip4 box, unsigned prefix);

/* Everything in `settings` that needs no file and no phone to be seen wrong. `network_known`: [box]
 * address could be read; if not, nothing is compared with it. */
void check_settings(const struct settings *settings, bool network_known, const char *file,
                    struct problems *problems);

#endif
