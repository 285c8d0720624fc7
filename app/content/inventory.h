/* inventory.h - phones.csv: one line a phone, its secrets included.
 *
 * A header line with a column `mac` (letter case aside), separators and quoting as csv.h says, MACs
 * in any spelling. Lines without a MAC wait for the next phone that is in no line. The report.csv of
 * an earlier batch can be read as an inventory too.
 *
 * Rows are numbered from 0 in the order of the file. Cells are UTF-8; bytes that are not are taken
 * for ISO 8859-1. Everything lies in one block of the caller's. A file is read into a second block
 * and takes the place of the first only when it is sound.
 */
#ifndef STAGEBOX_APP_CONTENT_INVENTORY_H
#define STAGEBOX_APP_CONTENT_INVENTORY_H

#include "app/hash.h"
#include "config/problem.h"
#include "net/addr.h"

#define INVENTORY_ROWS_MAX 4096
#define INVENTORY_COLUMNS_MAX 256
#define INVENTORY_NONE (-1)
struct inventory_column {
    const char *name; /* NUL-terminated, without outer blanks */
    size_t len;
};
struct inventory_row {
    struct hash_node by_mac;    /* linked where it has a MAC */
    struct hash_node by_digest; /* linked where the file gives it none */
    struct mac mac;             /* of the file or claimed; zero: free */
    bool listed;                /* the MAC stands in the file */
    int line;
    uint64_t digest; /* of the values of a row that is not listed; no two rows have the same */
};

struct inventory {
    const char *file; /* for problems */
    struct inventory_column *columns;
    size_t column_count;
    size_t mac_column;
    struct inventory_row *rows;
    size_t row_count;
    const char **cells; /* row_count x column_count, NUL-terminated */
    size_t free_from;   /* no row before it is free */
    size_t used;        /* bytes of the block that it was read into */
    struct hash by_mac;
    struct hash by_digest;
};

/* Enough bytes for the block of a file of this length: a row takes two of them at least, and has at most two buckets in each
 * of two tables; a cell takes one, and has its pointer. */
#define INVENTORY_ROWS_IN(file_len) ((file_len) / 2 + 1 < INVENTORY_ROWS_MAX ? (size_t)(file_len) / 2 + 1 : INVENTORY_ROWS_MAX)
#define INVENTORY_MEMORY(file_len) \
    ((size_t)(file_len) * 12 + (INVENTORY_ROWS_IN(file_len) + 1) * (sizeof(struct inventory_row) + 4 * sizeof(void *)) + 16384)

/* A row that was given to a phone, as the journal keeps it: found again by what is in it, else by its line. */
struct inventory_claim {
    struct mac mac;
    uint64_t digest;
    uint32_t line;
    int row; /* found by inventory_reclaim(): the row, or INVENTORY_NONE */
};

/* No inventory: no rows, no columns. */
void inventory_empty(struct inventory *inventory);
/* Reads a whole file. Everything wrong goes to `problems` under the name `file` (which must live as
 * long as the inventory); values are never told, but for what should have been a MAC. The text is not
 * needed afterwards, the block is. `seed`: 16 random bytes. False where there was an error: *inventory
 * is then empty. */
bool inventory_read(struct inventory *inventory, const char *file, const char *text, size_t len, void *block,
                    size_t block_size, const uint64_t seed[2], struct problems *problems);
/* Gives back to phones the rows that they had before a restart or a reload, to be called once, before
 * inventory_claim(). Sets each claim's `row`, and its digest and line to what they are now. A phone
 * whose MAC stands in the file by now has that row, whatever it had claimed. A row whose values were
 * changed is known by its line, unless lines have moved; then `row` is INVENTORY_NONE and the claim void. */
void inventory_reclaim(struct inventory *inventory, struct inventory_claim *claims, size_t count);
/* The row of this MAC, listed or claimed; INVENTORY_NONE. */
int inventory_find(const struct inventory *inventory, struct mac mac);
/* The first free row becomes this phone's: *claim is what the journal shall keep. Its row, or
 * INVENTORY_NONE where none is free. inventory_find() comes first: the MAC must be in no row. */
int inventory_claim(struct inventory *inventory, struct mac mac, struct inventory_claim *claim);
/* The operator forgets the phone: a claimed row is free again. */
void inventory_release(struct inventory *inventory, struct mac mac);
/* The column of this name, letter case aside; INVENTORY_NONE. */
int inventory_column(const struct inventory *inventory, const char *name, size_t len);
/* The cell as text, "" where it is empty. `row` and `column` must be there. */
const char *inventory_cell(const struct inventory *inventory, int row, int column);

#endif
