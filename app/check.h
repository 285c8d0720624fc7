/* check.h - everything `run` would read, read once, and every problem said; it thinks ahead. */
#ifndef STAGEBOX_APP_CHECK_H
#define STAGEBOX_APP_CHECK_H

#include "app/content/content.h"
#include "config/settings.h"

/* Reads the settings file `file` (a path on the card) over defaults. False where there was an error;
 * *settings is usable all the same. */
bool check_file(struct port *port, const char *file, struct settings *settings, struct problems *problems);
/* All that `check` says: the settings, what they name, and what follows from both. Where the file itself is not there,
 * that and nothing else. `content` is open, and nothing is read yet. False where there was an error, bad images aside. */
bool check_card(struct port *port, const char *file, struct settings *settings, struct content *content,
                struct problems *problems);
/* What follows from settings and content together: a pool smaller than the inventory, a template that
 * no phone could get, a rung that is missing. False where there was an error. */
bool check_ahead(const struct settings *settings, const struct content *content,
                 const char *file, struct problems *problems);

#endif
