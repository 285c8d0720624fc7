#include "app/web/diary.h"

#include <stdlib.h>

struct book {
    uint32_t generation;
    uint32_t count; /* lines in all */
    struct diary_line lines[DIARY_PHONE_LINES];
};

struct diary {
    size_t phones;
    uint64_t next;
    struct diary_line log[DIARY_LOG];
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

void diary_add(struct diary *diary, size_t place, uint32_t generation, bool in_log, const struct diary_line *line)
{
    if (in_log)
        diary->log[diary->next++ % DIARY_LOG] = *line;
    if (place >= diary->phones)
        return;
    struct book *book = &diary->books[place];
    if (book->generation != generation)
        book->count = 0;
    book->generation = generation;
    book->lines[book->count++ % DIARY_PHONE_LINES] = *line;
}

uint64_t diary_next(const struct diary *diary)
{
    return diary->next;
}

const struct diary_line *diary_log(const struct diary *diary, uint64_t number)
{
    if (number >= diary->next || diary->next - number > DIARY_LOG)
        return NULL;
    return &diary->log[number % DIARY_LOG];
}

const struct diary_line *diary_phone(const struct diary *diary, size_t place, uint32_t generation, size_t i)
{
    if (place >= diary->phones || diary->books[place].generation != generation)
        return NULL;
    const struct book *book = &diary->books[place];
    size_t kept = book->count < DIARY_PHONE_LINES ? book->count : DIARY_PHONE_LINES;
    return i < kept ? &book->lines[(book->count - kept + i) % DIARY_PHONE_LINES] : NULL;
}
