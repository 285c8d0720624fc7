#include "app/web/diary.h"

#include <stdio.h>
#include <stdlib.h>

struct book {
    uint32_t generation;
    uint32_t words, chatter; /* lines in all */
    struct diary_line word[DIARY_PHONE_LINES];
    struct diary_line chat[DIARY_CHATTER];
};

struct diary {
    size_t phones;
    uint64_t next;
    struct diary_line log[DIARY_LOG];
    char who[DIARY_LOG][DIARY_WHO_MAX];
    struct book *books;
};

struct diary *diary_open(size_t phones)
{
    struct diary *diary = calloc(1, sizeof *diary);
    if (!diary)
        return NULL;
    diary->phones = phones;
    diary->books = calloc(phones ? phones : 1, sizeof *diary->books);
    if (diary->books)
        return diary;
    free(diary);
    return NULL;
}

void diary_close(struct diary *diary)
{
    if (diary)
        free(diary->books);
    free(diary);
}

static void add_to_book(struct book *book, uint32_t generation, const struct diary_line *line)
{
    if (book->generation != generation)
        book->words = book->chatter = 0;
    book->generation = generation;
    if (line->level == PORT_DEBUG)
        book->chat[book->chatter++ % DIARY_CHATTER] = *line;
    else
        book->word[book->words++ % DIARY_PHONE_LINES] = *line;
}

void diary_add(struct diary *diary, size_t place, uint32_t generation, const char *who,
               const struct diary_line *line)
{
    if (place < diary->phones)
        add_to_book(&diary->books[place], generation, line);
    if (line->level == PORT_DEBUG)
        return;
    snprintf(diary->who[diary->next % DIARY_LOG], DIARY_WHO_MAX, "%s", who);
    diary->log[diary->next++ % DIARY_LOG] = *line;
}

uint64_t diary_next(const struct diary *diary)
{
    return diary->next;
}

const struct diary_line *diary_log(const struct diary *diary, uint64_t number, const char **who)
{
    if (number >= diary->next || diary->next - number > DIARY_LOG)
        return NULL;
    *who = diary->who[number % DIARY_LOG];
    return &diary->log[number % DIARY_LOG];
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
    const struct diary_line *word = line_of(book->word, DIARY_PHONE_LINES, book->words, reader->words);
    const struct diary_line *chat = line_of(book->chat, DIARY_CHATTER, book->chatter, reader->chatter);
    if (!chatter)
        chat = NULL;
    if (word && (!chat || word->uptime_ms <= chat->uptime_ms)) {
        reader->words++;
        return word;
    }
    reader->chatter += chat != NULL;
    return chat;
}
