#include "harm.h"

#include "mem.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[HARM_COUNT] = {
    [HARM_FAMILY_OFFERED] = "family-offered", [HARM_FAMILY_SERVED] = "family-served", [HARM_DAMAGED] = "damaged",
    [HARM_DOWNGRADE] = "downgrade",           [HARM_GATE] = "gate",                   [HARM_REFLASH] = "reflash",
    [HARM_FOREIGN_SECRET] = "foreign-secret", [HARM_EARLY_SECRET] = "early-secret",   [HARM_PLAIN_SECRET] = "plain-secret",
    [HARM_EARLY_FINAL] = "early-final",       [HARM_RULE_AT_TARGET] = "rule-at-target", [HARM_INCOMPLETE] = "incomplete",
    [HARM_RETRY_ZERO] = "retry-zero",         [HARM_RETRY_RANGE] = "retry-range",     [HARM_PERIODIC] = "periodic",
    [HARM_STRANDED] = "stranded",             [HARM_CONDITIONAL] = "conditional",     [HARM_TOKEN] = "token",
    [HARM_FIRMWARE_URL] = "firmware-url",     [HARM_REDIRECT] = "redirect",           [HARM_CHUNKED] = "chunked",
    [HARM_NO_LENGTH] = "no-length",           [HARM_HEAD] = "head",                   [HARM_COMMENT] = "comment",
    [HARM_NON_ASCII] = "non-ascii",           [HARM_DUPLICATE] = "duplicate",         [HARM_STORED] = "stored",
    [HARM_BAD_PROFILE] = "bad-profile",       [HARM_NO_PROFILE] = "no-profile",       [HARM_URL_GONE] = "url-gone",
    [HARM_LEFTOVER] = "leftover",             [HARM_TEMPLATE] = "template",           [HARM_TWO_ADDRESSES] = "two-addresses",
    [HARM_NEW_ADDRESS] = "new-address",       [HARM_GUARD] = "guard",                 [HARM_NEVER_SERVED] = "never-served",
    [HARM_SPCP] = "spcp",                     [HARM_PROTOCOL] = "protocol",
};

const char *harm_name(enum harm_kind k)
{
    return names[k];
}

int harm_find(const char *name)
{
    for (int i = 0; i < HARM_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

bool harm_add(struct harm_list *l, enum harm_kind kind, double at, char *text)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->items[i].kind == kind && strcmp(l->items[i].text, text) == 0) {
            free(text);
            return false;
        }
    l->items = mem_grow(l->items, (l->count + 1) * sizeof *l->items);
    l->items[l->count++] = (struct harm){kind, at, text};
    return true;
}

void harm_free(struct harm_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i].text);
    free(l->items);
    *l = (struct harm_list){0};
}
