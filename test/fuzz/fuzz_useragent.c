/* User-Agents, vendor classes and profile names. */
#include <stdlib.h>
#include <string.h>

#include "app/phones/useragent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_model(const char *model)
{
    char again[MODEL_TEXT_MAX];
    require(strlen(model) < MODEL_TEXT_MAX && model_parse(model, strlen(model), again) &&
            strcmp(model, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *in = (const char *)data;
    struct useragent agent;
    struct vendor_class class;
    char model[MODEL_TEXT_MAX];
    if (useragent_parse(in, size, &agent)) {
        check_model(agent.model);
        require(memchr(agent.serial, 0, sizeof agent.serial) != NULL);
        require(model_reset_sentence(agent.model)[0]);
        require(agent.has_mac ? !mac_is_zero(agent.mac) : mac_is_zero(agent.mac));
    }
    if (vendor_class_parse(in, size, &class) && class.model[0])
        check_model(class.model);
    if (model_from_profile_name(in, size, model))
        check_model(model);
    return 0;
}
