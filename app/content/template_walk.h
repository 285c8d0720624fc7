/* template_walk.h - going over a template's text. Private to the template. */
#ifndef STAGEBOX_APP_CONTENT_TEMPLATE_WALK_H
#define STAGEBOX_APP_CONTENT_TEMPLATE_WALK_H

#include "app/content/template.h"

/* A name in braces, blanks around it left out. */
struct template_name {
    char text[TEMPLATE_COLUMN_MAX];
    size_t at; /* of its first brace in the text it was found in */
    int line;  /* set by template_each_name() */
};

/* The next {{name}} from *at on; *start is where *at was, *at becomes what follows the name. False
 * where there is none: *start is then where the rest begins. Malformed ones are no names. */
bool template_next_name(const char *text, size_t len, size_t *at, size_t *start, struct template_name *name);
/* Calls `each` for every name in braces in the values of parameters, until it returns false: then
 * false. */
bool template_each_name(const struct template *t, bool (*each)(void *ctx, const struct template_name *name),
                        void *ctx);
/* Checked attributes as they stand, line ends as blanks, ASCII only. */
void template_write_attributes(struct out *out, const char *text, size_t len);

#endif
