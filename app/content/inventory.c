#include "app/content/inventory.h"

#include "config/text.h"

#include <string.h>

void inventory_empty(struct inventory *inventory)
{
    *inventory = (struct inventory){0};
}

const char *inventory_cell(const struct inventory *inventory, int row, int column)
{
    return inventory->cells[(size_t)row * inventory->column_count + (size_t)column];
}

int inventory_column(const struct inventory *inventory, const char *name, size_t len)
{
    for (size_t i = 0; i < inventory->column_count; i++) {
        const struct inventory_column *column = &inventory->columns[i];
        size_t at = 0;
        if (column->len != len || len == 0)
            continue;
        while (at < len && text_lower(column->name[at]) == text_lower(name[at]))
            at++;
        if (at == len)
            return (int)i;
    }
    return INVENTORY_NONE;
}

int inventory_find(const struct inventory *inventory, struct mac mac)
{
    if (inventory->row_count == 0)
        return INVENTORY_NONE;
    struct hash_node *node = hash_find(&inventory->by_mac, mac.b, sizeof mac.b);
    if (!node)
        return INVENTORY_NONE;
    return (int)(HASH_OWNER(node, struct inventory_row, by_mac) - inventory->rows);
}

static bool is_free(const struct inventory_row *row)
{
    return mac_is_zero(row->mac);
}

static void give(struct inventory *inventory, struct inventory_row *row, struct inventory_claim *claim)
{
    row->mac = claim->mac;
    hash_insert(&inventory->by_mac, &row->by_mac, claim->mac.b, sizeof claim->mac.b);
    claim->digest = row->digest;
    claim->line = (uint32_t)row->line;
    claim->row = (int)(row - inventory->rows);
}

int inventory_claim(struct inventory *inventory, struct mac mac, struct inventory_claim *claim)
{
    while (inventory->free_from < inventory->row_count && !is_free(&inventory->rows[inventory->free_from]))
        inventory->free_from++;
    if (inventory->free_from == inventory->row_count)
        return INVENTORY_NONE;
    *claim = (struct inventory_claim){.mac = mac};
    give(inventory, &inventory->rows[inventory->free_from], claim);
    return claim->row;
}

void inventory_release(struct inventory *inventory, struct mac mac)
{
    int found = inventory_find(inventory, mac);
    if (found == INVENTORY_NONE || inventory->rows[found].listed)
        return;
    struct inventory_row *row = &inventory->rows[found];
    hash_remove(&inventory->by_mac, &row->by_mac);
    row->mac = (struct mac){{0}};
    if ((size_t)found < inventory->free_from)
        inventory->free_from = (size_t)found;
}

/* Rows stand in the order of their lines. */
static struct inventory_row *row_at_line(const struct inventory *inventory, uint32_t line)
{
    size_t low = 0, high = inventory->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uint32_t)inventory->rows[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    bool hit = low < inventory->row_count && (uint32_t)inventory->rows[low].line == line;
    return hit ? &inventory->rows[low] : NULL;
}

/* By what is in the row. True where that was found on another line than before. */
static bool reclaim_by_digest(struct inventory *inventory, struct inventory_claim *claim)
{
    uint32_t line = claim->line;
    struct hash_node *node = hash_find(&inventory->by_digest, &claim->digest, sizeof claim->digest);
    if (!node)
        return false;
    struct inventory_row *row = HASH_OWNER(node, struct inventory_row, by_digest);
    if (!is_free(row))
        return false;
    give(inventory, row, claim);
    return claim->line != line;
}

void inventory_reclaim(struct inventory *inventory, struct inventory_claim *claims, size_t count)
{
    bool moved = false;
    for (size_t i = 0; i < count; i++) {
        claims[i].row = inventory_find(inventory, claims[i].mac);
        if (claims[i].row == INVENTORY_NONE && inventory->row_count > 0)
            moved |= reclaim_by_digest(inventory, &claims[i]);
    }
    for (size_t i = 0; i < count && !moved; i++) {
        struct inventory_row *row = row_at_line(inventory, claims[i].line);
        if (claims[i].row == INVENTORY_NONE && row && is_free(row) &&
            inventory_find(inventory, claims[i].mac) == INVENTORY_NONE)
            give(inventory, row, &claims[i]);
    }
}
