/* template_plan.h - a checked template taken apart once, so that a rendering only copies. Private to the template.
 */
#ifndef STAGEBOX_APP_CONTENT_TEMPLATE_PLAN_H
#define STAGEBOX_APP_CONTENT_TEMPLATE_PLAN_H

#include "app/content/template.h"

/* Makes t->plan of t->text, which must have been checked. False where there is no memory. */
bool template_plan_make(struct template *t);
/* Where the value of a name in braces comes from: one of the three, or TEMPLATE_COLUMN. */
enum template_source template_source_of(const char *name);

#endif
