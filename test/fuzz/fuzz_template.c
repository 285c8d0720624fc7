/* A template from any bytes: what is accepted renders to one sound flat-profile, in ASCII, in which
 * nothing of the inventory can end an element. */
#include <stdlib.h>
#include <string.h>

#include "app/content/profile.h"
#include "app/content/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_profile(const char *text, size_t len)
{
    struct xml_scan scan;
    struct xml_token token;
    unsigned depth = 0;
    for (size_t i = 0; i < len; i++)
        require(text[i] == '\n' || (text[i] >= 0x20 && text[i] < 0x7f));
    xml_scan_init(&scan, text, len);
    while (xml_next(&scan, &token) != XML_END) {
        require(token.kind != XML_ERROR);
        require(token.kind != XML_OPEN || ++depth <= 2);
        require(token.kind != XML_CLOSE || depth-- > 0);
    }
    require(depth == 0);
}

static void render(const struct template *template, const struct inventory *inventory, int row)
{
    static char buf[1 << 20];
    char lacking[TEMPLATE_COLUMN_MAX];
    struct template_values values = {
        .model = "SPA504G", .box_address = "192.168.10.10", .inventory = inventory, .row = row};
    struct profile_facts facts = {
        .stage = STAGE_FINAL, .template = template, .values = &values, .final_rule = row < 0 ? "" : "x"};
    size_t len = profile_write(&facts, buf, sizeof buf);
    bool lacks = template_lacks(template, &values, lacking);
    require(lacks ? row >= 0 || len == 0 : len > 0); /* with a final rule the template's own is not rendered */
    if (len > 0 && len <= sizeof buf)
        check_profile(buf, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char csv[] = "mac,pw,ext\n58bfea1104e6,</A><Upgrade_Rule>&\"{{mac}},\xff\xc3\xb6\n";
    static const uint64_t seed[2] = {1, 2};
    struct inventory inventory;
    struct template template;
    struct problems problems = {0};
    if (size > 65536)
        return 0;
    void *block = malloc(INVENTORY_MEMORY(sizeof csv));
    inventory_read(&inventory, "phones.csv", csv, sizeof csv - 1, block, INVENTORY_MEMORY(sizeof csv), seed,
                   &problems);
    char *pattern = malloc(size + 1), path[64];
    memcpy(pattern, data, size);
    pattern[size] = '\0';
    if (template_path(pattern, "SPA504G", path, sizeof path))
        require(strlen(path) < sizeof path && !template_path_has_model(path));
    free(pattern);
    bool sound = template_read(&template, "full.xml", (const char *)data, size, &problems);
    require(sound == (problems.errors == 0));
    if (sound) {
        template_check(&template, &inventory, &problems);
        render(&template, &inventory, 0);
        render(&template, &inventory, INVENTORY_NONE);
    }
    template_free(&template);
    free(block);
    return 0;
}
