#include "app/staging/ladder.h"

#include <stdio.h>
#include <string.h>

#include "app/staging/ladder_search.h"
#include "config/settings.h"
#include "config/text.h"

bool ladder_read(struct ladder *ladder, const struct settings *settings, const char *file,
                 struct problems *problems)
{
    const char *target = settings->upgrade.target;
    ladder->downgrade = settings->upgrade.downgrade == DOWNGRADE_ALLOW;
    memset(&ladder->target, 0, sizeof ladder->target);
    if (target[0] == '\0' || text_same(target, "newest") || version_parse(target, strlen(target), &ladder->target))
        return true;
    problem_error(problems, file, settings_line(settings, "upgrade", NULL, "target"),
                  "target = %s: neither a version (7.6.1) nor newest", target);
    return false;
}

/* Of two images that count: `a` is newer, or goes first at the same weight. */
static bool is_better(const struct ladder_image *a, const struct ladder_image *b)
{
    int order = version_compare(&a->version, &b->version);
    if (order != 0)
        return order > 0;
    bool a_plain = a->version.suffix[0] == '\0', b_plain = b->version.suffix[0] == '\0';
    if (a_plain != b_plain)
        return a_plain;
    const char *x = a->file, *y = b->file;
    while (*x && text_lower(*x) == text_lower(*y))
        x++, y++;
    return (unsigned char)text_lower(*x) < (unsigned char)text_lower(*y);
}

static const struct ladder_image *newest(const struct ladder *ladder, enum family_id family)
{
    const struct ladder_image *best = NULL;
    for (size_t i = 0; i < ladder->image_count && i < LADDER_IMAGES_MAX; i++) {
        const struct ladder_image *image = &ladder->images[i];
        if (search_counts(ladder, family, image) && (!best || is_better(image, best)))
            best = image;
    }
    return best;
}

bool ladder_target(const struct ladder *ladder, enum family_id family, struct version *out)
{
    if (version_known(&ladder->target)) {
        *out = ladder->target;
        return true;
    }
    const struct ladder_kept *away = ladder_away(ladder, family);
    const struct ladder_image *image = away ? NULL : newest(ladder, family);
    if (away || image)
        *out = away ? away->version : image->version;
    return away || image;
}

/* -- what the target must not sink below ----------------------------------------------------- */

bool ladder_keep(struct ladder *ladder, enum family_id family)
{
    const struct ladder_image *image = newest(ladder, family);
    struct ladder_kept *kept = &ladder->kept[family];
    if (version_known(&ladder->target) || !image || strlen(image->file) >= sizeof kept->file ||
        version_compare(&image->version, &kept->version) < 0 || strcmp(image->file, kept->file) == 0)
        return false;
    kept->version = image->version;
    strcpy(kept->file, image->file);
    return true;
}

bool ladder_let_go(struct ladder *ladder)
{
    bool any = false;
    for (size_t i = 0; version_known(&ladder->target) && i < FAMILY_COUNT; i++)
        any = version_known(&ladder->kept[i].version) || any;
    if (any)
        memset(ladder->kept, 0, sizeof ladder->kept);
    return any;
}

const struct ladder_kept *ladder_away(const struct ladder *ladder, enum family_id family)
{
    const struct ladder_kept *kept = &ladder->kept[family];
    if (version_known(&ladder->target) || !version_known(&kept->version))
        return NULL;
    const struct ladder_image *image = newest(ladder, family);
    return image && version_compare(&image->version, &kept->version) >= 0 ? NULL : kept;
}

char *ladder_away_sentence(const struct ladder_kept *away, char out[LADDER_SENTENCE_MAX])
{
    snprintf(out, LADDER_SENTENCE_MAX,
             "%s, the target of this batch, is damaged or gone: copy it to firmware/ again and reload, or set [upgrade] "
             "target to another version",
             away->file);
    return out;
}

/* -- what is missing ------------------------------------------------------------------------ */

static void suppose_what_rules_name(struct search *search)
{
    for (size_t i = 0; i < search->rules->count; i++) {
        const struct rule *rule = &search->rules->rule[i];
        if (rule->family != FAMILY_UNKNOWN && rule->family != search->family)
            continue;
        if (rule->has_via)
            search_suppose(search, &rule->via);
        if (rule->has_needs && rule->needs.op != VERSION_ANY && rule->needs.op != VERSION_NEWER &&
            rule->needs.op != VERSION_OLDER)
            search_suppose(search, &rule->needs.version);
    }
    search_suppose(search, &search->target);
    search_measure(search);
}

/* Leaves out every supposed image without which there is a way, too. */
static void drop_needless(struct search *search)
{
    for (size_t i = 0; i < search->count; i++) {
        if (search->step[i].image)
            continue;
        search->step[i].left_out = true;
        search_measure(search);
        if (!search_next(search, &search->from))
            search->step[i].left_out = false;
    }
    search_measure(search);
}

static void name_file(char *out, size_t cap, enum family_id family, const struct version *version)
{
    char part[VERSION_TEXT_MAX];
    snprintf(out, cap, "%s-%s.bin", family_get(family)->name, version_format_file_part(version, part));
}

/* "a.bin", "b.bin and a.bin": the oldest first, at most four. */
static size_t list_missing(const struct search *search, char *out, size_t cap)
{
    size_t found = 0, len = 0;
    out[0] = '\0';
    for (size_t i = search->count; i-- > 0 && found < 4;) {
        char name[VERSION_TEXT_MAX + 24];
        if (search->step[i].image || search->step[i].left_out)
            continue;
        name_file(name, sizeof name, search->family, &search->step[i].version);
        int wrote = snprintf(out + len, cap - len, "%s%s", found++ > 0 ? " and " : "", name);
        len += (size_t)wrote < cap - len ? (size_t)wrote : 0;
    }
    return found;
}

/* No file would help: the rule against the direct step and, where it is another, the one against
 * the smallest. */
static void say_impossible(const struct search *search, const struct rule *rule, char out[LADDER_SENTENCE_MAX])
{
    char from[VERSION_TEXT_MAX], to[VERSION_TEXT_MAX], text[RULE_TEXT_MAX];
    const struct search_step *smallest = &search->step[search->down ? 0 : search->count - 1];
    const struct rule *other = rules_forbid(search->rules, search->family, &search->from, &smallest->version);
    int len = snprintf(out, LADDER_SENTENCE_MAX, "by rule %s (%s) there is no safe way from %s to %s", rule->name,
                       rule_describe(rule, text), version_format(&search->from, from),
                       version_format(&search->target, to));
    if (other && other != rule)
        snprintf(out + len, LADDER_SENTENCE_MAX - (size_t)len, ", and by rule %s (%s) none by way of %s",
                 other->name, rule_describe(other, text), version_format(&smallest->version, to));
}

static void say_missing(struct search *search, char out[LADDER_SENTENCE_MAX])
{
    char names[160], from[VERSION_TEXT_MAX], to[VERSION_TEXT_MAX], text[RULE_TEXT_MAX];
    version_format(&search->from, from);
    version_format(&search->target, to);
    const struct rule *rule = rules_forbid(search->rules, search->family, &search->from, &search->target);
    suppose_what_rules_name(search);
    bool possible = search_next(search, &search->from) != NULL;
    if (possible)
        drop_needless(search);
    size_t count = possible ? list_missing(search, names, sizeof names) : 0;
    if (count > 0 && rule)
        snprintf(out, LADDER_SENTENCE_MAX, "%s %s missing: by rule %s (%s) there is no direct way from %s to %s",
                 names, count > 1 ? "are" : "is", rule->name, rule_describe(rule, text), from, to);
    else if (count > 0)
        snprintf(out, LADDER_SENTENCE_MAX, "%s is missing: it is the target", names);
    else if (rule)
        say_impossible(search, rule, out);
    else
        snprintf(out, LADDER_SENTENCE_MAX, "there is no safe way from %s to %s", from, to);
}

static bool has_unnamed_xu(const struct ladder *ladder, enum family_id family)
{
    for (size_t i = 0; i < ladder->image_count && i < LADDER_IMAGES_MAX; i++)
        if (ladder->images[i].family == family)
            return true;
    return false;
}

static void say_no_firmware(const struct ladder *ladder, enum family_id family, char out[LADDER_SENTENCE_MAX])
{
    const char *name = family_get(family)->name;
    char file[VERSION_TEXT_MAX + 24] = "";
    if (version_known(&ladder->target))
        name_file(file, sizeof file, family, &ladder->target);
    else
        snprintf(file, sizeof file, "a file %s-...bin", name);
    if (has_unnamed_xu(ladder, family))
        snprintf(out, LADDER_SENTENCE_MAX,
                 "no firmware for %s but (XU) images, which count only where the settings name them: %s is missing",
                 name, file);
    else
        snprintf(out, LADDER_SENTENCE_MAX, "no firmware for %s in firmware/: %s is missing", name, file);
}

/* -- the plan ------------------------------------------------------------------------------- */

static enum ladder_result refuse_model(const char *model, struct ladder_plan *out)
{
    const char *reason = family_refusal(model);
    snprintf(out->sentence, sizeof out->sentence, "%.20s %s", model, reason ? reason : "");
    return out->result = LADDER_E_MODEL;
}

/* Follows the best steps; false where there is none at all, or too many. */
static bool walk(const struct search *search, struct ladder_plan *out)
{
    struct version at = search->from;
    do {
        const struct search_step *step = search_next(search, &at);
        if (!step || out->rung_count == LADDER_RUNGS_MAX)
            return false;
        out->rungs[out->rung_count++] = step->image;
        at = step->version;
    } while (version_compare(&at, &search->target) != 0);
    out->end = at;
    return true;
}

static enum ladder_result plan_way(const struct ladder *ladder, struct ladder_plan *out)
{
    struct search search;
    search_start(&search, ladder, out->family, &out->from, &out->target);
    if (walk(&search, out))
        return out->result = LADDER_RUNGS;
    bool too_many = out->rung_count > 0;
    out->rung_count = 0;
    if (too_many)
        snprintf(out->sentence, sizeof out->sentence, "the rules ask for more than %d rungs", LADDER_RUNGS_MAX);
    else
        say_missing(&search, out->sentence);
    return out->result = LADDER_E_NO_PATH;
}

/* At the target, or above it and left as it is. */
static bool is_done(const struct ladder *ladder, const struct version *from, const struct version *target)
{
    int order = version_compare(from, target);
    return order == 0 || (order > 0 && !ladder->downgrade);
}

enum ladder_result ladder_plan(const struct ladder *ladder, const char *model, const struct version *from,
                               struct ladder_plan *out)
{
    memset(out, 0, sizeof *out);
    out->family = family_of_model(model);
    out->from = out->end = *from;
    bool has_target = ladder_target(ladder, out->family, &out->target);
    if (!family_get(out->family)->upgradable)
        return refuse_model(model, out);
    if (!version_known(from)) {
        snprintf(out->sentence, sizeof out->sentence, "its firmware version is not known");
        return out->result = LADDER_E_VERSION;
    }
    if (has_target && is_done(ladder, from, &out->target))
        return out->result = LADDER_DONE;
    const struct ladder_kept *away = ladder_away(ladder, out->family);
    if (away) {
        ladder_away_sentence(away, out->sentence);
        return out->result = LADDER_E_AWAY;
    }
    if (!newest(ladder, out->family)) {
        say_no_firmware(ladder, out->family, out->sentence);
        return out->result = LADDER_E_NO_FIRMWARE;
    }
    return plan_way(ladder, out);
}

bool ladder_allows(const struct ladder *ladder, const char *model, const struct version *from,
                   const struct ladder_image *image)
{
    struct search search;
    struct version target;
    enum family_id family = family_of_model(model);
    if (!family_get(family)->upgradable || !version_known(from) || !ladder_target(ladder, family, &target) ||
        is_done(ladder, from, &target))
        return false;
    search_start(&search, ladder, family, from, &target);
    for (size_t i = 0; i < search.count; i++)
        if (search.step[i].image == image)
            return search.step[i].distance < SEARCH_FAR && search_is_safe(&search, from, &search.step[i]);
    return false;
}
