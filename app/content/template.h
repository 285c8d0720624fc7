/* template.h - the final configuration as the operator writes it: a flat-profile with {{names}}.
 *
 * {{mac}} (twelve lower-case hex digits), {{model}}, {{box.address}}, and every column of the
 * inventory, letter case and blanks inside the braces aside; the three come before columns of their
 * names. Comments, <?...?>, text outside parameters and a byte order mark are left out of what phones
 * get, what is not ASCII becomes numeric entities, and values are escaped. Values are put in once:
 * braces inside a value mean nothing.
 *
 * The operator's text is checked and taken apart once; a rendering copies what stands between the values.
 */
#ifndef STAGEBOX_APP_CONTENT_TEMPLATE_H
#define STAGEBOX_APP_CONTENT_TEMPLATE_H

#include "app/content/inventory.h"
#include "app/content/parameters.h"
#include "app/out.h"
#include "config/problem.h"

#define TEMPLATE_COLUMN_MAX 64 /* bytes of a name in braces, NUL included */

enum template_source { TEMPLATE_MAC, TEMPLATE_MODEL, TEMPLATE_ADDRESS, TEMPLATE_COLUMN, TEMPLATE_NOTHING };

/* Bytes that go out as they are, and the value behind them. */
struct template_step {
    size_t at, len;              /* in the plan's text */
    enum parameter_id parameter; /* of which both are; PARAMETER_COUNT: none of stagebox's */
    enum template_source source;
    char name[TEMPLATE_COLUMN_MAX]; /* of a column */
};

struct template_plan {
    char *text;
    struct template_step *steps;
    size_t count;
};

struct template
{
    const char *file; /* for problems */
    const char *text; /* the caller's; both must live as long as the template */
    size_t len;
    uint64_t sets;             /* PARAMETER_BIT()s of those of stagebox's parameters that it sets itself */
    struct template_plan plan; /* memory of its own: template_free() */
};

struct template_values {
    struct mac mac;
    const char *model;
    const char *box_address;
    const struct inventory *inventory; /* NULL: none */
    int row;                           /* of the inventory; INVENTORY_NONE: the phone is not listed */
};

/* Writes `pattern` ([profile] template) with each %model% replaced. False where it does not fit. */
bool template_path(const char *pattern, const char *model, char *out, size_t cap);
/* Whether the pattern names a model. */
bool template_path_has_model(const char *pattern);

/* Checks the text and makes it usable. False, everything told, where it is not a flat-profile, or there is no
 * memory. Either way template_free() is due. */
bool template_read(struct template *out, const char *file, const char *text, size_t len, struct problems *problems);
/* Gives the memory of its plan back; the text is the caller's. Harmless to one of zeros. */
void template_free(struct template *t);
/* Tells every name in braces that is neither a column of the inventory nor one of the three, at its
 * line and with the nearest name. `inventory` NULL: there is none. True where all are known. */
bool template_check(const struct template *t, const struct inventory *inventory, struct problems *problems);
/* The first name in braces for which there is no value, in `name`; false where all have one. An empty
 * cell is a value. */
bool template_lacks(const struct template *t, const struct template_values *values, char name[TEMPLATE_COLUMN_MAX]);
/* Writes the parameters, one a line, without the root element, but for those in `without`
 * (PARAMETER_BIT()s). Where a value is lacking out->failed is set: ask template_lacks() before. */
void template_render(const struct template *t, const struct template_values *values, uint64_t without,
                     struct out *out);

#endif
