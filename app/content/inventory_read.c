/* Reading phones.csv: once over it for the header and the number of rows, once more for the cells. */
#include "app/arena.h"
#include "app/content/csv.h"
#include "app/content/inventory.h"
#include "app/content/xml.h"
#include "app/record/report.h"
#include "config/text.h"

#include <string.h>

struct reader {
    struct inventory *inventory;
    struct problems *problems;
    struct arena arena;
    struct csv_scan scan;
    struct csv_field *fields;                /* of the record just read: INVENTORY_COLUMNS_MAX */
    size_t count;                            /* how many it has; above INVENTORY_COLUMNS_MAX only counted */
    int line;                                /* where it begins */
    char *text;                              /* room for names and cells */
    bool is_report;                          /* a report.csv of an earlier batch */
    bool odd_bytes;                          /* told already that something is no UTF-8 */
    const struct inventory_column *nameless; /* told already */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next record into reader->fields. False at the end, and after an error, which is told. */
static bool next_record(struct reader *r)
{
    r->count = 0;
    for (;;) {
        struct csv_field field;
        switch (csv_next(&r->scan, &field)) {
        case CSV_END:
            return false;
        case CSV_E_QUOTE:
            problem_error(r->problems, r->inventory->file, field.line,
                          "a quoted field begins here and never ends: a quote inside one is written twice");
            return false;
        case CSV_E_AFTER:
            problem_error(
                r->problems, r->inventory->file, field.line,
                "something stands behind the closing quote of a field: a quote inside one is written twice");
            return false;
        case CSV_FIELD:
            break;
        }
        if (r->count == 0)
            r->line = field.line;
        if (r->count < INVENTORY_COLUMNS_MAX)
            r->fields[r->count] = field;
        r->count++;
        if (field.last)
            return true;
    }
}

static bool record_is_blank(const struct reader *r)
{
    for (size_t i = 0; i < r->count && i < INVENTORY_COLUMNS_MAX; i++) {
        for (size_t at = 0; at < r->fields[i].len; at++) {
            if (!is_blank(r->fields[i].raw[at]))
                return false;
        }
    }
    return true;
}

/* Turns bytes that are no UTF-8 into what they mean in ISO 8859-1; `len` bytes become at most twice as many. */
static char *put_utf8(struct reader *r, char *to, const char *text, size_t len, int line)
{
    for (size_t at = 0; at < len;) {
        size_t used;
        bool sound;
        uint32_t code = xml_character(text + at, len - at, &used, &sound);
        if (sound) {
            memmove(to, text + at, used);
            to += used;
        } else {
            if (!r->odd_bytes)
                problem_warning(
                    r->problems, r->inventory->file, line,
                    "has a character that is not UTF-8 and is taken for ISO 8859-1: save it as \"CSV UTF-8\"");
            r->odd_bytes = true;
            *to++ = (char)(0xc0 | code >> 6);
            *to++ = (char)(0x80 | (code & 0x3f));
        }
        at += used;
    }
    return to;
}

/* The field's value, NUL-terminated, in reader->text. A field's raw bytes are read before their
 * room is written: the value goes to the far end of its room first. */
static const char *keep(struct reader *r, const struct csv_field *field, bool trim)
{
    char *start = r->text;
    char *raw = start + field->len;
    size_t len = csv_copy(field, raw, field->len);
    if (r->is_report && len > 1 && raw[0] == '\'' && csv_is_formula(raw, len)) {
        raw++;
        len--;
    }
    while (trim && len > 0 && is_blank(raw[0])) {
        raw++;
        len--;
    }
    while (trim && len > 0 && is_blank(raw[len - 1]))
        len--;
    char *end = put_utf8(r, start, raw, len, field->line);
    *end = '\0';
    r->text = end + 1;
    return start;
}

static bool header_is_report(const struct reader *r)
{
    const char *const *names = report_columns();
    for (size_t i = 0; names[i]; i++) {
        if (i == r->count || r->fields[i].len != strlen(names[i]) ||
            memcmp(r->fields[i].raw, names[i], r->fields[i].len) != 0)
            return false;
    }
    return true;
}

/* Tells of a second column of the same name. */
static bool name_is_new(struct reader *r, size_t index)
{
    const struct inventory_column *column = &r->inventory->columns[index];
    int first = inventory_column(r->inventory, column->name, column->len);
    if (first == INVENTORY_NONE || (size_t)first == index)
        return true;
    problem_error(r->problems, r->inventory->file, r->line, "columns %d and %d are both called \"%.40s\"",
                  first + 1, (int)index + 1, column->name);
    return false;
}

/* The column `mac`. Names are not told where there is none: it may be a line of values. */
static bool find_mac(struct reader *r)
{
    struct inventory *inventory = r->inventory;
    int mac = inventory_column(inventory, "mac", 3);
    struct mac any;
    if (mac != INVENTORY_NONE) {
        inventory->mac_column = (size_t)mac;
        return true;
    }
    for (size_t i = 0; i < inventory->column_count; i++) {
        const struct inventory_column *column = &inventory->columns[i];
        if (mac_parse(column->name, column->len, &any)) {
            problem_error(r->problems, inventory->file, r->line,
                          "the first line must name the columns (one of them \"mac\"), but has a phone's values");
            return false;
        }
        if (column->len > 3 && text_lower(column->name[0]) == 'm' && text_lower(column->name[1]) == 'a' &&
            text_lower(column->name[2]) == 'c') {
            problem_error(r->problems, inventory->file, r->line,
                          "the header line has no column \"mac\": is it \"%.40s\"? Then rename it", column->name);
            return false;
        }
    }
    problem_error(r->problems, inventory->file, r->line, "the header line has no column \"mac\"");
    return false;
}

static bool read_names(struct reader *r)
{
    struct inventory *inventory = r->inventory;
    for (size_t i = 0; i < r->count; i++) {
        inventory->columns[i].name = keep(r, &r->fields[i], true);
        inventory->columns[i].len = strlen(inventory->columns[i].name);
    }
    inventory->column_count = r->count;
    if (!find_mac(r))
        return false;
    bool sound = true;
    for (size_t i = 1; i < r->count; i++)
        sound &= name_is_new(r, i);
    return sound;
}

static bool read_header(struct reader *r)
{
    const char *file = r->inventory->file;
    int errors = r->problems->errors;
    do {
        if (!next_record(r)) {
            if (r->problems->errors == errors)
                problem_error(r->problems, file, 0, "is empty: it needs a header line with a column \"mac\"");
            return false;
        }
    } while (record_is_blank(r));
    if (r->count > INVENTORY_COLUMNS_MAX) {
        problem_error(r->problems, file, r->line, "has %zu columns; at most %d are allowed", r->count,
                      INVENTORY_COLUMNS_MAX);
        return false;
    }
    r->is_report = header_is_report(r);
    r->inventory->columns = arena_take(&r->arena, r->count, sizeof *r->inventory->columns);
    return r->inventory->columns && read_names(r);
}

/* How many sound rows follow; true where all are. */
static bool count_rows(struct reader *r, size_t *rows)
{
    int errors = r->problems->errors;
    size_t columns = r->inventory->column_count;
    *rows = 0;
    while (next_record(r)) {
        if (record_is_blank(r))
            continue;
        if (r->count != columns)
            problem_error(r->problems, r->inventory->file, r->line, "has %zu field%s, the header line has %zu",
                          r->count, r->count == 1 ? "" : "s", columns);
        else
            ++*rows;
    }
    if (*rows > INVENTORY_ROWS_MAX)
        problem_error(r->problems, r->inventory->file, 0, "has %zu phones; at most %d are allowed", *rows,
                      INVENTORY_ROWS_MAX);
    return r->problems->errors == errors;
}

/* What may have happened to a MAC. Spreadsheets turn digits with an E among them into numbers, and
 * drop zeros in front. Anything that does not look like a MAC is not told: it may be a secret. */
static void tell_bad_mac(struct reader *r, int line, const char *text)
{
    size_t len = strlen(text);
    const char *hint = "";
    if (strspn(text, "0123456789abcdefABCDEF:-. ,+") != len) {
        problem_error(r->problems, r->inventory->file, line, "what stands in column \"mac\" is no MAC address");
        return;
    }
    if (strchr(text, '+') && (strchr(text, 'E') || strchr(text, 'e')))
        hint = " (a spreadsheet took it for a number: format the column as text)";
    else if (len < 12 && strspn(text, "0123456789abcdefABCDEF") == len)
        hint = " (a spreadsheet may have dropped zeros in front: format the column as text)";
    problem_error(r->problems, r->inventory->file, line, "\"%.20s\" is no MAC address%s", text, hint);
}

static bool read_mac(struct reader *r, struct inventory_row *row, const char *text)
{
    if (text[0] == '\0')
        return true;
    if (!mac_parse(text, strlen(text), &row->mac)) {
        tell_bad_mac(r, row->line, text);
        return false;
    }
    if (mac_is_zero(row->mac) || (row->mac.b[0] & 1)) {
        problem_error(r->problems, r->inventory->file, row->line, "\"%.20s\" is no phone's MAC address", text);
        return false;
    }
    int first = inventory_find(r->inventory, row->mac);
    if (first != INVENTORY_NONE) {
        problem_error(r->problems, r->inventory->file, row->line, "\"%.20s\" stands in line %d already", text,
                      r->inventory->rows[first].line);
        return false;
    }
    row->listed = true;
    hash_insert(&r->inventory->by_mac, &row->by_mac, row->mac.b, sizeof row->mac.b);
    return true;
}

/* The same whatever the order of columns, and without those that are empty. */
static uint64_t digest_of(const struct inventory *inventory, size_t row)
{
    static const uint64_t seed[2] = {0, 0}; /* stands in journals: must not change */
    uint64_t sum = 0;
    for (size_t i = 0; i < inventory->column_count; i++) {
        const char *value = inventory_cell(inventory, (int)row, (int)i);
        if (value[0] == '\0' || i == inventory->mac_column)
            continue;
        uint64_t part[2] = {hash_bytes(seed, inventory->columns[i].name, inventory->columns[i].len),
                            hash_bytes(seed, value, strlen(value))};
        sum += hash_bytes(part, "", 0);
    }
    return sum;
}

static void add_digest(struct inventory *inventory, size_t index)
{
    struct inventory_row *row = &inventory->rows[index];
    row->digest = digest_of(inventory, index);
    while (hash_find(&inventory->by_digest, &row->digest, sizeof row->digest))
        row->digest = row->digest * 6364136223846793005u + 1;
    hash_insert(&inventory->by_digest, &row->by_digest, &row->digest, sizeof row->digest);
}

static void warn_nameless(struct reader *r, size_t column, const char *value)
{
    if (r->inventory->columns[column].len > 0 || value[0] == '\0' || r->nameless == &r->inventory->columns[column])
        return;
    r->nameless = &r->inventory->columns[column];
    problem_warning(r->problems, r->inventory->file, r->line, "field %zu has a value, but column %zu has no name",
                    column + 1, column + 1);
}

static void read_row(struct reader *r)
{
    struct inventory *inventory = r->inventory;
    size_t index = inventory->row_count;
    struct inventory_row *row = &inventory->rows[index];
    *row = (struct inventory_row){.line = r->line};
    for (size_t i = 0; i < r->count; i++) {
        const char *value = keep(r, &r->fields[i], i == inventory->mac_column);
        inventory->cells[index * inventory->column_count + i] = value;
        warn_nameless(r, i, value);
    }
    const char *mac = inventory_cell(inventory, (int)index, (int)inventory->mac_column);
    if (!read_mac(r, row, mac))
        return;
    if (!row->listed && r->is_report) { /* a phone whose MAC nobody ever learned: no line for another one */
        problem_warning(r->problems, inventory->file, r->line, "has no MAC address and is passed over");
        return;
    }
    inventory->row_count++;
    if (!row->listed)
        add_digest(inventory, index);
}

static bool same_mac(const struct hash_node *node, const void *key, size_t len)
{
    return memcmp(HASH_OWNER(node, const struct inventory_row, by_mac)->mac.b, key, len) == 0;
}

static bool same_digest(const struct hash_node *node, const void *key, size_t len)
{
    return memcmp(&HASH_OWNER(node, const struct inventory_row, by_digest)->digest, key, len) == 0;
}

/* Room for `rows` rows; false where the block is too small. */
static bool take_rows(struct reader *r, size_t rows, const uint64_t seed[2])
{
    struct inventory *inventory = r->inventory;
    size_t buckets = hash_buckets(rows);
    struct hash_node **by_mac = arena_take(&r->arena, buckets, sizeof(struct hash_node *));
    struct hash_node **by_digest = arena_take(&r->arena, buckets, sizeof(struct hash_node *));
    inventory->rows = arena_take(&r->arena, rows + 1, sizeof *inventory->rows);
    inventory->cells = arena_take(&r->arena, rows * inventory->column_count, sizeof *inventory->cells);
    if (r->arena.failed)
        return false;
    hash_init(&inventory->by_mac, by_mac, buckets, seed, same_mac);
    hash_init(&inventory->by_digest, by_digest, buckets, seed, same_digest);
    return true;
}

/* A word on files that are no text; true where it is text. */
static bool is_text(struct reader *r, const char *text, size_t len)
{
    const char *file = r->inventory->file;
    if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        problem_error(r->problems, file, 0, "is UTF-16: save it as \"CSV UTF-8\"");
        return false;
    }
    if (memchr(text, '\0', len)) {
        problem_error(r->problems, file, 0, "is no text: save the table as CSV");
        return false;
    }
    return true;
}

static bool read_all(struct reader *r, const char *text, size_t len, const uint64_t seed[2])
{
    size_t rows;
    if (!is_text(r, text, len))
        return false;
    csv_scan_init(&r->scan, text, len, 0);
    r->fields = arena_take(&r->arena, INVENTORY_COLUMNS_MAX, sizeof *r->fields);
    r->text = arena_take(&r->arena, len + 2, 3);
    if (r->arena.failed || !read_header(r))
        return false;
    struct csv_scan body = r->scan;
    bool sound = count_rows(r, &rows);
    if (rows > INVENTORY_ROWS_MAX || !take_rows(r, rows, seed))
        return false;
    r->scan = body;
    struct problems *problems = r->problems;
    struct problems quiet = {0}; /* what is wrong with quotes is told already */
    int errors = problems->errors;
    while (r->problems = &quiet, next_record(r)) {
        r->problems = problems;
        if (!record_is_blank(r) && r->count == r->inventory->column_count)
            read_row(r);
    }
    r->problems = problems;
    return sound && problems->errors == errors;
}

bool inventory_read(struct inventory *inventory, const char *file, const char *text, size_t len, void *block,
                    size_t block_size, const uint64_t seed[2], struct problems *problems)
{
    inventory_empty(inventory);
    inventory->file = file;
    struct reader r = {.inventory = inventory, .problems = problems};
    arena_init(&r.arena, block, block_size);
    bool sound = read_all(&r, text, len, seed);
    if (r.arena.failed)
        problem_error(problems, file, 0, "is too long: there is room for %zu bytes of it, at most",
                      block_size / 12);
    if (!sound)
        inventory_empty(inventory);
    inventory->used = r.arena.used;
    return sound;
}
