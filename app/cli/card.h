/* card.h - settings and content of a card, for commands that only look. */
#ifndef STAGEBOX_APP_CLI_CARD_H
#define STAGEBOX_APP_CLI_CARD_H

#include "app/content/content.h"
#include "config/settings.h"

struct card {
    struct settings settings;
    struct content content;
};

/* Reads all of it (check_card()), and what state/ says of the batch's targets; problems go to `problems`. NULL where there is no memory. */
struct card *cli_card_open(struct port *port, const char *file, struct problems *problems);
void cli_card_close(struct card *card);

#endif
