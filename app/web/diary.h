/* diary.h - what was said lately: the last lines of the log, and each phone's time line. Of this run only; made
 * once, bounded: old lines make room for new ones.
 *
 * Chatter (level PORT_DEBUG: most of a phone's syslog) has places of its own on a time line, and never drives out
 * what matters; it is not in the log.
 */
#ifndef STAGEBOX_APP_WEB_DIARY_H
#define STAGEBOX_APP_WEB_DIARY_H

#include "ports/port.h"

#define DIARY_LINE_MAX 200   /* bytes of a line, NUL included; longer ones are cut */
#define DIARY_WHO_MAX 64     /* a MAC (twelve hex digits) or a serial, and its NUL */
#define DIARY_LOG 256        /* lines of the log */
#define DIARY_PHONE_LINES 48 /* lines of each phone, fewer where they are long... */
#define DIARY_CHATTER 16     /* ...and of its chatter; of all these as many a part as the box is smaller */
#define DIARY_LINE_EACH 100  /* bytes for a line of a phone */
#define DIARY_VIEWERS 32     /* viewers of a box that keeps them all */
#define DIARY_LEAST 6        /* a part is no smaller than a sixth */
#define DIARY_NOBODY SIZE_MAX

struct diary_line {
    uint64_t uptime_ms;
    int64_t wall_ms; /* 0: the clock was not set */
    uint8_t level;   /* enum port_level */
    char text[DIARY_LINE_MAX];
};

struct diary;

/* For phones with places 0..phones - 1, and so many viewers at a time: a box for few of them has little memory, and
 * keeps fewer lines. NULL where there is no memory. */
struct diary *diary_open(size_t phones, size_t viewers);
void diary_close(struct diary *diary);
/* Keeps a line of the phone with that name ("": nobody), `place` and `generation` (DIARY_NOBODY: only in the log).
 * A place with another generation than before begins anew. */
void diary_add(struct diary *diary, size_t place, uint32_t generation, const char *who,
               const struct diary_line *line);
/* The number of the next line of the log. */
uint64_t diary_next(const struct diary *diary);
/* The number of the oldest that is kept. */
uint64_t diary_oldest(const struct diary *diary);
/* Line `number` of the log, NULL where it is not there any more or not yet; *who is of whom. */
const struct diary_line *diary_log(const struct diary *diary, uint64_t number, const char **who);

/* Where a reader of a time line is; zero at the beginning. What it reads is in it. */
struct diary_reader {
    size_t words, chatter;
    struct diary_line word, chat;
};
/* The phone's next line, oldest first, with its chatter or without; NULL behind the last, and where the generation
 * is another one. */
const struct diary_line *diary_read(const struct diary *diary, size_t place, uint32_t generation, bool chatter,
                                    struct diary_reader *reader);

#endif
