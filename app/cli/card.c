#include "app/cli/card.h"

#include <stdlib.h>

#include "app/check.h"
#include "app/staging/targets.h"

struct card *cli_card_open(struct port *port, const char *file, struct problems *problems)
{
    struct card *card = calloc(1, sizeof *card);
    uint64_t seed[2] = {0};
    if (!card || port_random(port, seed, sizeof seed) < 0 || !content_open(&card->content, port, seed)) {
        free(card);
        return NULL;
    }
    targets_recall(&card->content.ladder, port);
    check_card(port, file, &card->settings, &card->content, problems);
    return card;
}

void cli_card_close(struct card *card)
{
    if (!card)
        return;
    content_close(&card->content);
    free(card);
}
