#include "model.h"

#include <string.h>
#include <strings.h>

#define SPA5(n) {"SPA" n, n, "spa50x-30x", "Cisco/SPA" n, "Cisco SPA" n, "CCQ", true, true}
#define SPA51(n) {"SPA" n, n, "spa51x", "Cisco/SPA" n, "Cisco SPA" n, "CCQ", true, false}
#define SPA52(n) {"SPA" n, n, "spa525g", "Cisco/SPA" n, "Cisco SPA" n, "CBT", false, false}
#define OLD(n, f) {"SPA" n, n, f, "Linksys/SPA-" n, "LINKSYS SPA-" n, "88019FA", false, false}

static const struct model models[] = {
    SPA5("301"),   SPA5("303"),   SPA5("501G"),  SPA5("502G"),         SPA5("504G"),         SPA5("508G"),
    SPA5("509G"),  SPA51("512G"), SPA51("514G"), SPA52("525G"),        SPA52("525G2"),       OLD("921", "spa941"),
    OLD("922", "spa942"), OLD("941", "spa941"), OLD("942", "spa942"), OLD("962", "spa962"),
};

const struct model *model_find(const char *name)
{
    if (strncasecmp(name, "spa", 3) == 0)
        name += 3;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (strcasecmp(models[i].psn, name) == 0)
            return &models[i];
    return NULL;
}
