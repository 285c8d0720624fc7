#include "app/staging/rules.h"

#include <stdio.h>
#include <string.h>

#include "config/settings.h"
#include "config/text.h"

static bool given(const char *text)
{
    return text && text[0] != '\0';
}

static void add_builtin(struct rules *rules, const struct rule_text *text)
{
    struct problems none = {0};
    if (rules_add(rules, text, &none))
        rules->rule[rules->count - 1].builtin = true;
}

void rules_init(struct rules *rules)
{
    memset(rules, 0, sizeof *rules);
    add_builtin(rules, &(struct rule_text){
                           .name = "transition", .family = "spa50x-30x", .to = ">7.5.2b", .needs = ">=7.5.2b"});
    add_builtin(rules, &(struct rule_text){.name = "leave-xu", .from = "*(XU)", .via = "7.5.7"});
}

/* What rules_add() reads with: every bad value is reported, the first does not end it. */
struct reading {
    const struct rule_text *text;
    struct problems *problems;
    bool ok;
};

static int line_of(const struct reading *reading, int line)
{
    return line > 0 ? line : reading->text->line;
}

static void read_family(struct reading *reading, struct rule *rule)
{
    const struct rule_text *text = reading->text;
    if (!given(text->family))
        return;
    rule->family = family_by_name(text->family, strlen(text->family));
    if (family_get(rule->family)->upgradable)
        return;
    reading->ok = false;
    problem_error(
        reading->problems, text->file, line_of(reading, text->at.family),
        "family = %s: not a firmware family; allowed are spa50x-30x, spa51x, spa525g, or none for every one",
        text->family);
}

/* True where the key was given and could be read. */
static bool read_expr(struct reading *reading, const char *key, const char *value, int line,
                      struct version_expr *out)
{
    if (!given(value))
        return false;
    if (version_expr_parse(value, strlen(value), out))
        return true;
    reading->ok = false;
    problem_error(reading->problems, reading->text->file, line_of(reading, line),
                  "%s = %s: not a version expression; write for example >7.5.2b, >=7.5.2b, 7.5.6 or *(XU)", key,
                  value);
    return false;
}

static bool read_via(struct reading *reading, struct version *out)
{
    const struct rule_text *text = reading->text;
    if (!given(text->via))
        return false;
    if (version_parse(text->via, strlen(text->via), out))
        return true;
    reading->ok = false;
    problem_error(reading->problems, text->file, line_of(reading, text->at.via),
                  "via = %s: not a version; write for example 7.5.7", text->via);
    return false;
}

static bool read_rule(struct reading *reading, struct rule *rule)
{
    const struct rule_text *text = reading->text;
    rule->from.op = rule->to.op = VERSION_ANY;
    read_family(reading, rule);
    read_expr(reading, "from", text->from, text->at.from, &rule->from);
    read_expr(reading, "to", text->to, text->at.to, &rule->to);
    rule->has_needs = read_expr(reading, "needs", text->needs, text->at.needs, &rule->needs);
    rule->has_via = read_via(reading, &rule->via);
    if (reading->ok && !rule->has_needs && !rule->has_via) {
        reading->ok = false;
        problem_error(reading->problems, text->file, text->line,
                      "[gate %.40s] has neither needs nor via, so it would forbid nothing", text->name);
    }
    return reading->ok;
}

static struct rule *find(struct rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->count; i++)
        if (text_same(rules->rule[i].name, name))
            return &rules->rule[i];
    return NULL;
}

/* The place for a gate of this name: the built-in's, or a new one; NULL (reported) for none. */
static struct rule *place_for(struct rules *rules, const struct rule_text *text, struct problems *problems)
{
    struct rule *same = find(rules, text->name);
    if (same && same->builtin)
        return same;
    if (same)
        problem_error(problems, text->file, text->line, "[gate %s] is there twice", text->name);
    else if (strlen(text->name) >= RULE_NAME_MAX)
        problem_error(problems, text->file, text->line, "[gate %.50s...]: a gate's name has at most %d characters",
                      text->name, RULE_NAME_MAX - 1);
    else if (rules->count == RULES_MAX)
        problem_error(problems, text->file, text->line, "[gate %s]: there can be at most %d gates", text->name,
                      RULES_MAX);
    else
        return &rules->rule[rules->count];
    return NULL;
}

bool rules_add(struct rules *rules, const struct rule_text *text, struct problems *problems)
{
    struct rule rule = {.builtin = false};
    struct reading reading = {text, problems, true};
    struct rule *place = place_for(rules, text, problems);
    if (!place)
        return false;
    bool replaces = place < rules->rule + rules->count;
    if (!read_rule(&reading, &rule))
        return false;
    text_copy(rule.name, sizeof rule.name, replaces ? place->name : text->name);
    *place = rule;
    rules->count += replaces ? 0 : 1;
    return true;
}

static bool is_complete(const struct settings_gate *gate)
{
    return (gate->to[0] && gate->needs[0]) || (gate->from[0] && gate->via[0]);
}

bool rules_read(struct rules *rules, const struct settings *settings, const char *file, struct problems *problems)
{
    bool ok = true;
    rules_init(rules);
    for (unsigned i = 0; i < settings->gate_count; i++) {
        const struct settings_gate *gate = &settings->gates[i];
        struct rule_text text = {
            gate->name,  gate->family, gate->from, gate->to,
            gate->needs, gate->via,    file,       settings_line(settings, "gate", gate->name, NULL),
            {0}};
        text.at.family = settings_line(settings, "gate", gate->name, "family");
        text.at.from = settings_line(settings, "gate", gate->name, "from");
        text.at.to = settings_line(settings, "gate", gate->name, "to");
        text.at.needs = settings_line(settings, "gate", gate->name, "needs");
        text.at.via = settings_line(settings, "gate", gate->name, "via");
        ok = is_complete(gate) && rules_add(rules, &text, problems) && ok;
    }
    return ok;
}

static bool in_force(const struct rule *rule, enum family_id family)
{
    return rule->family == FAMILY_UNKNOWN || rule->family == family;
}

bool rule_via_is(const struct rule *rule, const struct version *to)
{
    return version_compare(&rule->via, to) == 0 &&
           (rule->via.suffix[0] == '\0' || version_same_suffix(&rule->via, to));
}

static bool forbids(const struct rule *rule, const struct version *from, const struct version *to)
{
    if (!version_expr_match(&rule->from, from) || !version_expr_match(&rule->to, to))
        return false;
    if (rule->has_needs && !version_expr_match(&rule->needs, from))
        return true;
    return rule->has_via && version_compare(&rule->via, from) > 0 && !rule_via_is(rule, to);
}

const struct rule *rules_forbid(const struct rules *rules, enum family_id family, const struct version *from,
                                const struct version *to)
{
    for (size_t i = 0; i < rules->count; i++)
        if (in_force(&rules->rule[i], family) && forbids(&rules->rule[i], from, to))
            return &rules->rule[i];
    return NULL;
}

bool rules_name_version(const struct rules *rules, enum family_id family, const struct version *version)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->rule[i];
        if (in_force(rule, family) && rule->has_via && version_compare(&rule->via, version) == 0 &&
            version_same_suffix(&rule->via, version))
            return true;
    }
    return false;
}

static void append(char out[RULE_TEXT_MAX], const char *key, const char *value)
{
    size_t len = strlen(out);
    snprintf(out + len, RULE_TEXT_MAX - len, "%s%s %s", len > 0 ? " " : "", key, value);
}

char *rule_describe(const struct rule *rule, char out[RULE_TEXT_MAX])
{
    char text[VERSION_EXPR_TEXT_MAX];
    out[0] = '\0';
    if (rule->from.op != VERSION_ANY || rule->from.version.suffix[0])
        append(out, "from", version_expr_format(&rule->from, text));
    if (rule->to.op != VERSION_ANY || rule->to.version.suffix[0])
        append(out, "to", version_expr_format(&rule->to, text));
    if (rule->has_needs)
        append(out, "needs", version_expr_format(&rule->needs, text));
    if (rule->has_via)
        append(out, "via", version_format(&rule->via, text));
    return out;
}
