/* An inventory from any bytes; what is read can be looked up, claimed and written as CSV again. */
#include <stdlib.h>
#include <string.h>

#include "app/content/csv.h"
#include "app/content/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void fields(const char *text, size_t len)
{
    struct csv_scan scan;
    struct csv_field field;
    enum csv_event event;
    size_t last = 0;
    char small[16];
    csv_scan_init(&scan, text, len, 0);
    while ((event = csv_next(&scan, &field)) == CSV_FIELD) {
        require(scan.at >= last && scan.at <= len && csv_copy(&field, small, sizeof small) <= field.len);
        last = scan.at;
    }
    require(event == CSV_END || csv_next(&scan, &field) == CSV_END);
}

static void cell_there_and_back(const char *cell)
{
    static char buf[8192];
    char back[4096];
    struct out out;
    struct csv_scan scan;
    struct csv_field field;
    size_t len = strlen(cell), quote = csv_is_formula(cell, len);
    out_window(&out, buf, sizeof buf, 0);
    out_text(&out, "x,");
    csv_write(&out, cell, len);
    if (len == 0 || len + quote > sizeof back || !out_whole(&out))
        return;
    csv_scan_init(&scan, buf, out_filled(&out), ',');
    require(csv_next(&scan, &field) == CSV_FIELD && !field.last);
    require(csv_next(&scan, &field) == CSV_FIELD && field.last);
    require(csv_copy(&field, back, sizeof back) == len + quote && memcmp(back + quote, cell, len) == 0);
}

static void use(struct inventory *inventory)
{
    struct inventory_claim claim[3];
    for (int row = 0; row < (int)inventory->row_count; row++) {
        require(!inventory->rows[row].listed || inventory_find(inventory, inventory->rows[row].mac) == row);
        for (int column = 0; column < (int)inventory->column_count && row < 20; column++)
            cell_there_and_back(inventory_cell(inventory, row, column));
    }
    for (uint8_t i = 0; i < 3; i++) {
        struct mac mac = {{2, 0xff, 0xff, 0xff, 0xff, i}};
        int row = inventory_claim(inventory, mac, &claim[i]);
        require(row == INVENTORY_NONE || inventory_find(inventory, mac) == row);
        claim[i].mac = mac;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t seed[2] = {1, 2};
    if (size > 65536)
        return 0;
    fields((const char *)data, size);
    struct inventory inventory;
    struct problems problems = {0};
    size_t room = INVENTORY_MEMORY(size);
    void *block = malloc(room);
    bool sound = inventory_read(&inventory, "phones.csv", (const char *)data, size, block, room, seed, &problems);
    require(sound == (problems.errors == 0));
    use(&inventory);
    free(block);
    return 0;
}
