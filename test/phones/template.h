/* template.h - the final configuration that the test gives the box, and what it must become for each phone. */
#ifndef PHONES_TEMPLATE_H
#define PHONES_TEMPLATE_H

#include "phone.h"

/* The built-in one: secrets with characters that need escaping, a parameter that needs a reboot, one of the box's own. */
const char *template_builtin(void);
/* The file, or NULL with a sentence. The caller frees. */
char *template_load(const char *path, char *why, size_t size);
/* Fills in {{column}}, {{mac}}, {{model}} and {{box.address}}, escaped for XML. The caller frees. */
char *template_render(const char *template, const struct phone_plan *plan, uint32_t box);
/* One line of phones.csv (RFC 4180), and its header line where `plan` is NULL. */
void inventory_print(const struct phone_plan *plan);

#endif
