#include "app/web/lines.h"

#include <stdlib.h>

#include "config/text.h"

struct book {
    uint32_t generation;
    struct lines words, chatter;
};

struct log_line {
    struct diary_line line;
    char who[DIARY_WHO_MAX];
};

struct diary {
    size_t phones;
    size_t log_size, words, chatter; /* lines that are kept: of the log, and of each phone */
    uint64_t next;
    struct log_line *log;
    struct book *books;
    size_t words_size, chatter_size; /* bytes of a book's rings */
    /* Words, then chatter: first the first chunk of every book, then the second ones. Most books are short, so most of
     * this is never touched. */
    uint8_t *rings;
};

static size_t part(size_t lines, size_t viewers)
{
    size_t least = lines / DIARY_LEAST, kept = lines * viewers / DIARY_VIEWERS;
    return kept < least ? least : kept < lines ? kept : lines;
}

static size_t ring_of(size_t lines)
{
    size_t chunks = (lines * DIARY_LINE_EACH + LINES_CHUNK - 1) / LINES_CHUNK;
    return chunks * LINES_CHUNK < LINES_LEAST ? LINES_LEAST : chunks * LINES_CHUNK;
}

struct diary *diary_open(size_t phones, size_t viewers)
{
    struct diary *diary = calloc(1, sizeof *diary);
    if (!diary)
        return NULL;
    size_t count = phones ? phones : 1;
    diary->phones = phones;
    diary->log_size = part(DIARY_LOG, viewers);
    diary->words = part(DIARY_PHONE_LINES, viewers);
    diary->chatter = part(DIARY_CHATTER, viewers);
    diary->log = calloc(diary->log_size, sizeof *diary->log);
    diary->books = calloc(count, sizeof *diary->books);
    diary->words_size = ring_of(diary->words);
    diary->chatter_size = ring_of(diary->chatter);
    diary->rings = malloc(count * (diary->words_size + diary->chatter_size));
    if (diary->log && diary->books && diary->rings)
        return diary;
    diary_close(diary);
    return NULL;
}

void diary_close(struct diary *diary)
{
    if (!diary)
        return;
    free(diary->log);
    free(diary->books);
    free(diary->rings);
    free(diary);
}

static struct lines_ring words_of(const struct diary *diary, size_t place)
{
    return (struct lines_ring){diary->rings + place * LINES_CHUNK, diary->words_size, diary->phones * LINES_CHUNK};
}

static struct lines_ring chatter_of(const struct diary *diary, size_t place)
{
    uint8_t *all = diary->rings + diary->phones * diary->words_size;
    return (struct lines_ring){all + place * LINES_CHUNK, diary->chatter_size, diary->phones * LINES_CHUNK};
}

static void add_to_book(struct diary *diary, size_t place, uint32_t generation, const struct diary_line *line)
{
    struct book *book = &diary->books[place];
    if (book->generation != generation)
        *book = (struct book){.generation = generation};
    struct lines_ring words = words_of(diary, place), chatter = chatter_of(diary, place);
    if (line->level == PORT_DEBUG)
        lines_add(&book->chatter, &chatter, diary->chatter, line);
    else
        lines_add(&book->words, &words, diary->words, line);
}

void diary_add(struct diary *diary, size_t place, uint32_t generation, const char *who,
               const struct diary_line *line)
{
    if (place < diary->phones)
        add_to_book(diary, place, generation, line);
    if (line->level == PORT_DEBUG)
        return;
    struct log_line *kept = &diary->log[diary->next++ % diary->log_size];
    text_cut(kept->who, sizeof kept->who, who);
    kept->line = *line;
}

uint64_t diary_next(const struct diary *diary)
{
    return diary->next;
}

uint64_t diary_oldest(const struct diary *diary)
{
    return diary->next < diary->log_size ? 0 : diary->next - diary->log_size;
}

const struct diary_line *diary_log(const struct diary *diary, uint64_t number, const char **who)
{
    if (number >= diary->next || number < diary_oldest(diary))
        return NULL;
    const struct log_line *kept = &diary->log[number % diary->log_size];
    *who = kept->who;
    return &kept->line;
}

const struct diary_line *diary_read(const struct diary *diary, size_t place, uint32_t generation, bool chatter,
                                    struct diary_reader *reader)
{
    if (place >= diary->phones || diary->books[place].generation != generation)
        return NULL;
    const struct book *book = &diary->books[place];
    struct lines_ring words = words_of(diary, place), chats = chatter_of(diary, place);
    bool word = lines_get(&book->words, &words, reader->words, &reader->word);
    bool chat = chatter && lines_get(&book->chatter, &chats, reader->chatter, &reader->chat);
    if (word && (!chat || reader->word.uptime_ms <= reader->chat.uptime_ms)) {
        reader->words++;
        return &reader->word;
    }
    reader->chatter += chat;
    return chat ? &reader->chat : NULL;
}
