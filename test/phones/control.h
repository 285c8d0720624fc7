/* control.h - commands to a running simulator, a line each, from stdin or a UNIX stream socket; each is answered by one
 * line, `ok …` or `error …`. README.md lists them. */
#ifndef PHONES_CONTROL_H
#define PHONES_CONTROL_H

#include "batch.h"
#include "sim.h"

struct control;

/* Listens as the options say. NULL: s->error. `b` lends its dice for phones that are added. */
struct control *control_open(struct sim *s, struct batch *b);
void control_close(struct control *c);

#endif
