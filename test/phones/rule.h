/* rule.h - rules of a phone: macros, and (firmware from 7.5) conditions and options (phones.md 4.3). */
#ifndef PHONES_RULE_H
#define PHONES_RULE_H

#include <stdbool.h>
#include <stddef.h>

/* The value of the macro of that name, NULL if there is none. `len` characters count. */
typedef const char *rule_macro(void *ctx, const char *name, size_t len);

/* Replaces `$NAME`, `$(NAME)`, `$(NAME:p:q)` and `$$`; unknown ones stay; what is put in is not looked at again. */
void rule_expand(const char *text, rule_macro *macro, void *ctx, char *out, size_t size);

enum rule_end {
    RULE_URL,   /* `url` is what to ask for */
    RULE_NONE,  /* no alternative's condition holds */
    RULE_BROKEN /* the phone makes nothing of it */
};

struct rule_result {
    enum rule_end end;
    char url[600];
    char options[200]; /* inside `[ ]`, "" if none */
};

/* `conditions`: the firmware knows them; else the whole text is one URL, whatever stands in it. */
void rule_evaluate(const char *text, bool conditions, rule_macro *macro, void *ctx, struct rule_result *out);
/* True: the text has a condition, an alternative or an option in it. */
bool rule_is_conditional(const char *text);

#endif
