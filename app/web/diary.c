#include "app/web/diary.h"

#include <stdio.h>
#include <stdlib.h>

struct book {
    uint32_t generation;
    uint32_t words, chatter; /* lines in all */
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
    struct diary_line *lines; /* of each book its words, then its chatter */
};

static size_t part(size_t lines, size_t viewers)
{
    size_t least = lines / DIARY_LEAST, kept = lines * viewers / DIARY_VIEWERS;
    return kept < least ? least : kept < lines ? kept : lines;
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
    diary->lines = calloc(count * (diary->words + diary->chatter), sizeof *diary->lines);
    if (diary->log && diary->books && diary->lines)
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
    free(diary->lines);
    free(diary);
}

static struct diary_line *words_of(const struct diary *diary, size_t place)
{
    return &diary->lines[place * (diary->words + diary->chatter)];
}

static struct diary_line *chatter_of(const struct diary *diary, size_t place)
{
    return words_of(diary, place) + diary->words;
}

static void add_to_book(struct diary *diary, size_t place, uint32_t generation, const struct diary_line *line)
{
    struct book *book = &diary->books[place];
    if (book->generation != generation)
        book->words = book->chatter = 0;
    book->generation = generation;
    if (line->level == PORT_DEBUG)
        chatter_of(diary, place)[book->chatter++ % diary->chatter] = *line;
    else
        words_of(diary, place)[book->words++ % diary->words] = *line;
}

void diary_add(struct diary *diary, size_t place, uint32_t generation, const char *who,
               const struct diary_line *line)
{
    if (place < diary->phones)
        add_to_book(diary, place, generation, line);
    if (line->level == PORT_DEBUG)
        return;
    struct log_line *kept = &diary->log[diary->next++ % diary->log_size];
    snprintf(kept->who, sizeof kept->who, "%s", who);
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

/* The i-th line that is kept, from the oldest; NULL behind the last. */
static const struct diary_line *line_of(const struct diary_line *ring, size_t size, uint32_t count, size_t i)
{
    size_t kept = count < size ? count : size;
    return i < kept ? &ring[(count - kept + i) % size] : NULL;
}

const struct diary_line *diary_read(const struct diary *diary, size_t place, uint32_t generation, bool chatter,
                                    struct diary_reader *reader)
{
    if (place >= diary->phones || diary->books[place].generation != generation)
        return NULL;
    const struct book *book = &diary->books[place];
    const struct diary_line *word = line_of(words_of(diary, place), diary->words, book->words, reader->words);
    const struct diary_line *chat = line_of(chatter_of(diary, place), diary->chatter, book->chatter, reader->chatter);
    if (!chatter)
        chat = NULL;
    if (word && (!chat || word->uptime_ms <= chat->uptime_ms)) {
        reader->words++;
        return word;
    }
    reader->chatter += chat != NULL;
    return chat;
}
