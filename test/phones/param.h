/* param.h - a phone's parameters: which names its firmware knows, their factory values, and what they are now. */
#ifndef PHONES_PARAM_H
#define PHONES_PARAM_H

#include <stdbool.h>
#include <stddef.h>

/* The names that all phones of a run know: the built-in table and those that a test's template adds. */
struct catalogue;

struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *c);
/* Adds a name with an empty factory value, unless it is known. Before the first params_new() only. */
void catalogue_add(struct catalogue *c, const char *name);
size_t catalogue_size(const struct catalogue *c);
const char *catalogue_name(const struct catalogue *c, size_t index);
const char *catalogue_factory(const struct catalogue *c, size_t index);
/* The index of a name (letter case counts), or -1. */
int catalogue_find(const struct catalogue *c, const char *name);
/* True: a changed value makes the phone reboot. */
bool catalogue_reboots(const struct catalogue *c, size_t index);

struct params;

struct params *params_new(const struct catalogue *c);
void params_free(struct params *p);
/* Every value as the factory set it. */
void params_reset(struct params *p);
/* "" for a name that is not known. The text lives until that parameter is set again. */
const char *params_get(const struct params *p, const char *name);
const char *params_at(const struct params *p, size_t index);
/* True: it has another value now. An unknown name is ignored, as phones do. */
bool params_set(struct params *p, const char *name, const char *value);
/* Takes over every value of another phone's or an earlier set of the same catalogue. */
void params_copy(struct params *to, const struct params *from);
/* `Yes`, in any case. */
bool params_yes(const struct params *p, const char *name);
/* A number of seconds; 0 where empty or unreadable. */
double params_number(const struct params *p, const char *name);

#endif
