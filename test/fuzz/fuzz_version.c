/* Versions, file parts and expressions: what was read is written again and reads as the same. */
#include <stdlib.h>
#include <string.h>

#include "app/phones/version.h"
#include "app/staging/family.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static bool same(const struct version *a, const struct version *b)
{
    return version_compare(a, b) == 0 && version_same_suffix(a, b);
}

static void check_version(const struct version *version)
{
    char text[VERSION_TEXT_MAX];
    struct version again;
    version_format(version, text);
    require(version_known(version) && strlen(text) < VERSION_TEXT_MAX);
    require(version_parse(text, strlen(text), &again) && same(version, &again));
    version_format_file_part(version, text);
    require(strlen(text) < VERSION_TEXT_MAX);
    /* Not every suffix can stand in a file's name. */
    if (version_parse_file_part(text, strlen(text), &again))
        require(version_compare(version, &again) == 0 && version_is_xu(&again) == version_is_xu(version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *in = (const char *)data;
    struct version version;
    struct version_expr expr, again;
    char text[VERSION_EXPR_TEXT_MAX];
    size_t at, len;
    if (version_parse(in, size, &version))
        check_version(&version);
    if (version_parse_file_part(in, size, &version))
        check_version(&version);
    if (version_expr_parse(in, size, &expr)) {
        version_expr_format(&expr, text);
        require(version_expr_parse(text, strlen(text), &again));
        require(again.op == expr.op && same(&again.version, &expr.version));
        version_expr_match(&expr, &again.version);
    }
    require(family_by_name(in, size) < FAMILY_COUNT && family_guess_of_file(in, size) < FAMILY_COUNT);
    family_of_file(in, size, &at, &len);
    require(at + len <= size);
    return 0;
}
