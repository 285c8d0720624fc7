#include "app/cli/plan.h"

#include <string.h>

#include "app/web/json.h"

enum { EXIT_FINE = 0, EXIT_NOT_FINE = 1, EXIT_USAGE = 2 };

/* A plan for words that a person typed. */
struct asked {
    char model[64]; /* canonical, or as typed (cut) where it has not the shape of a model */
    struct ladder_plan plan;
    int status;
};

static void ask(const struct ladder *ladder, const char *model, const char *version, struct asked *out)
{
    struct version from;
    memset(out, 0, sizeof *out);
    if (!version_parse(version, strlen(version), &from)) {
        out->status = EXIT_USAGE;
        return;
    }
    snprintf(out->model, sizeof out->model, "%s", model);
    model_parse(model, strlen(model), out->model);
    out->status = ladder_plan(ladder, out->model, &from, &out->plan) < 0 ? EXIT_NOT_FINE : EXIT_FINE;
}

/* -- JSON ----------------------------------------------------------------------------------- */

static void put_version(struct json *json, const char *key, const struct version *version)
{
    char text[VERSION_TEXT_MAX];
    json_key_text(json, key, version_known(version) ? version_format(version, text) : NULL);
}

static void put_rungs(struct json *json, const struct ladder_plan *plan)
{
    const struct version *at = &plan->from;
    json_key(json, "rungs");
    json_array(json);
    for (size_t i = 0; i < plan->rung_count; i++) {
        json_object(json);
        put_version(json, "from", at);
        put_version(json, "to", &plan->rungs[i]->version);
        json_key_text(json, "file", plan->rungs[i]->file);
        json_object_end(json);
        at = &plan->rungs[i]->version;
    }
    json_array_end(json);
}

static void put_plan(struct json *json, const struct asked *asked)
{
    const struct ladder_plan *plan = &asked->plan;
    const char *family = family_get(plan->family)->name;
    json_key_text(json, "model", asked->model);
    json_key_text(json, "family", family[0] ? family : NULL);
    put_version(json, "from", &plan->from);
    put_version(json, "target", plan->result == LADDER_E_MODEL ? &(struct version){{0}, 0, ""} : &plan->target);
    put_rungs(json, plan);
    json_key_text(json, "problem", plan->sentence[0] ? plan->sentence : NULL);
}

static void put_gates(struct json *json, const struct rules *rules)
{
    char text[RULE_TEXT_MAX];
    json_key(json, "gates");
    json_array(json);
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->rule[i];
        const char *family = family_get(rule->family)->name;
        json_object(json);
        json_key_text(json, "name", rule->name);
        json_key_text(json, "family", family[0] ? family : NULL);
        json_key_text(json, "rule", rule_describe(rule, text));
        json_key_bool(json, "builtin", rule->builtin);
        json_object_end(json);
    }
    json_array_end(json);
}

static size_t end_json(struct json *json, char *buf)
{
    json_object_end(json);
    size_t len = json_done(json) ? json->len : 0;
    buf[len] = '\0';
    return len;
}

int plan_json(const struct ladder *ladder, const char *model, const char *version, char *buf, size_t cap,
              size_t *len)
{
    struct asked asked;
    struct json json;
    *len = 0;
    ask(ladder, model, version, &asked);
    if (asked.status == EXIT_USAGE)
        return EXIT_USAGE;
    json_init(&json, buf, cap - 1);
    json_object(&json);
    put_plan(&json, &asked);
    *len = end_json(&json, buf);
    return asked.status;
}

static void print_json(const struct ladder *ladder, const struct plan_options *options, const struct asked *asked,
                       FILE *out)
{
    char buf[PLAN_JSON_MAX + RULES_MAX * 256];
    struct json json;
    json_init(&json, buf, sizeof buf - 1);
    json_object(&json);
    if (options->model)
        put_plan(&json, asked);
    if (options->gates)
        put_gates(&json, ladder->rules);
    end_json(&json, buf);
    fprintf(out, "%s\n", buf);
}

/* -- text ----------------------------------------------------------------------------------- */

static void print_gates(const struct rules *rules, FILE *out)
{
    char text[RULE_TEXT_MAX];
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->rule[i];
        const char *family = family_get(rule->family)->name;
        fprintf(out, "%-16s %-12s %s%s\n", rule->name, family[0] ? family : "every family",
                rule_describe(rule, text), rule->builtin ? "  (built in)" : "");
    }
}

static void print_plan(const struct ladder_plan *plan, FILE *out)
{
    char from[VERSION_TEXT_MAX], to[VERSION_TEXT_MAX];
    version_format(&plan->from, from);
    for (size_t i = 0; i < plan->rung_count; i++) {
        version_format(&plan->rungs[i]->version, to);
        fprintf(out, "%s -> %s  %s\n", from, to, plan->rungs[i]->file);
        memcpy(from, to, sizeof from);
    }
    fprintf(out, "done at %s\n", from);
}

int plan_run(const struct ladder *ladder, const struct plan_options *options, FILE *out, FILE *err)
{
    struct asked asked;
    memset(&asked, 0, sizeof asked);
    if (options->model)
        ask(ladder, options->model, options->version, &asked);
    if (asked.status == EXIT_USAGE) {
        fprintf(err, "plan: %s is not a version; write it as the phone does, for example 7.5.2b\n",
                options->version);
        return EXIT_USAGE;
    }
    if (options->json)
        print_json(ladder, options, &asked, out);
    else if (options->gates)
        print_gates(ladder->rules, out);
    if (options->model && !options->json && asked.status == EXIT_FINE)
        print_plan(&asked.plan, out);
    if (asked.status != EXIT_FINE)
        fprintf(err, "plan: %s\n", asked.plan.sentence);
    return asked.status;
}

static bool read_word(const char *word, struct plan_options *options)
{
    if (strcmp(word, "--json") == 0)
        options->json = true;
    else if (strcmp(word, "--gates") == 0)
        options->gates = true;
    else if (word[0] == '-' && word[1] != '\0')
        return false;
    else if (!options->model)
        options->model = word;
    else if (!options->version)
        options->version = word;
    else
        return false;
    return true;
}

bool plan_parse(int argc, char *const *argv, struct plan_options *options, FILE *err)
{
    bool ok = true;
    memset(options, 0, sizeof *options);
    for (int i = 0; ok && i < argc; i++)
        ok = read_word(argv[i], options);
    if (ok && (options->version || (options->gates && !options->model)))
        return true;
    fprintf(err, "usage: stagebox plan MODEL VERSION [--json] [--gates], or stagebox plan --gates\n");
    return false;
}
