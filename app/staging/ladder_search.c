#include "app/staging/ladder_search.h"

#include <stdlib.h>
#include <string.h>

#include "config/text.h"

bool search_counts(const struct ladder *ladder, enum family_id family, const struct ladder_image *image)
{
    if (image->family != family)
        return false;
    if (!version_is_xu(&image->version) || image->named)
        return true;
    bool is_target = version_known(&ladder->target) && version_compare(&ladder->target, &image->version) == 0 &&
                     version_is_xu(&ladder->target);
    return is_target || rules_name_version(ladder->rules, family, &image->version);
}

/* `to` is nearer to the target than `from`, and not beyond it. */
static bool on_the_way(const struct search *search, const struct version *from, const struct version *to)
{
    int step = version_compare(to, from), rest = version_compare(&search->target, to);
    return search->down ? step < 0 && rest <= 0 : step > 0 && rest >= 0;
}

bool search_is_safe(const struct search *search, const struct version *from, const struct search_step *step)
{
    return !step->left_out && on_the_way(search, from, &step->version) &&
           !rules_forbid(search->rules, search->family, from, &step->version);
}

static unsigned rank_of(const struct search *search, const struct version *version)
{
    if (version_compare(version, &search->target) == 0 && version_same_suffix(version, &search->target))
        return 0;
    return version->suffix[0] == '\0' ? 1 : 2;
}

static int compare_names(const char *a, const char *b)
{
    while (*a && text_lower(*a) == text_lower(*b))
        a++, b++;
    return (unsigned char)text_lower(*a) - (unsigned char)text_lower(*b);
}

static int compare_steps(const void *left, const void *right)
{
    const struct search_step *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->image && b->image ? compare_names(a->image->file, b->image->file) : 0;
}

static void add(struct search *search, const struct version *version, const struct ladder_image *image)
{
    search->step[search->count++] = (struct search_step){
        .version = *version, .weight = version_weight(version), .rank = rank_of(search, version), .image = image};
}

void search_start(struct search *search, const struct ladder *ladder, enum family_id family,
                  const struct version *from, const struct version *target)
{
    search->rules = ladder->rules;
    search->family = family;
    search->from = *from;
    search->target = *target;
    search->down = version_compare(from, target) > 0;
    search->count = 0;
    for (size_t i = 0; i < ladder->image_count && i < LADDER_IMAGES_MAX; i++) {
        const struct ladder_image *image = &ladder->images[i];
        if (search_counts(ladder, family, image) && on_the_way(search, from, &image->version))
            add(search, &image->version, image);
    }
    search_measure(search);
}

void search_suppose(struct search *search, const struct version *version)
{
    if (search->count == SEARCH_STEPS_MAX || !on_the_way(search, &search->from, version))
        return;
    for (size_t i = 0; i < search->count; i++)
        if (search->step[i].weight == version_weight(version))
            return;
    add(search, version, NULL);
}

/* The fewest further steps from `step`; every step nearer to the target has been measured. */
static unsigned distance_of(const struct search *search, const struct search_step *step)
{
    unsigned best = SEARCH_FAR;
    if (step->weight == version_weight(&search->target))
        return 0;
    for (size_t i = 0; i < search->count; i++) {
        const struct search_step *next = &search->step[i];
        if (next->distance + 1 < best && search_is_safe(search, &step->version, next))
            best = next->distance + 1;
    }
    return best;
}

void search_measure(struct search *search)
{
    if (search->count > 1)
        qsort(search->step, search->count, sizeof *search->step, compare_steps);
    for (size_t i = 0; i < search->count; i++)
        search->step[i].distance = SEARCH_FAR;
    for (size_t i = 0; i < search->count; i++) {
        struct search_step *step = &search->step[search->down ? search->count - 1 - i : i];
        step->distance = distance_of(search, step);
    }
}

const struct search_step *search_next(const struct search *search, const struct version *from)
{
    const struct search_step *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        const struct search_step *step = &search->step[i];
        bool nearer = step->distance < (best ? best->distance : SEARCH_FAR);
        if (nearer && search_is_safe(search, from, step))
            best = step;
    }
    return best;
}
