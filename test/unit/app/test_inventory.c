#include "app/content/inventory.h"
#include "test/unit/app/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define S(s) s, sizeof(s) - 1

static const uint64_t seed[2] = {11, 12};

struct table {
    struct inventory inventory;
    struct heard heard;
    void *block;
};

/* Reads from a block of exactly the text's size, which is gone afterwards. */
static bool read_text(struct table *t, const char *text, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, text, len);
    free(t->block);
    size_t size = INVENTORY_MEMORY(len);
    t->block = malloc(size);
    memset(t->block, 0xee, size);
    bool sound =
        inventory_read(&t->inventory, "phones.csv", copy, len, t->block, size, seed, heard_clear(&t->heard));
    free(copy);
    return sound;
}

static struct mac mac_of(unsigned last)
{
    return (struct mac){{0x58, 0xbf, 0xea, 0, (uint8_t)(last >> 8), (uint8_t)last}};
}

static const char *cell(const struct table *t, int row, const char *column)
{
    return inventory_cell(&t->inventory, row, inventory_column(&t->inventory, column, strlen(column)));
}

static void rows_and_columns(void **state)
{
    (void)state;
    struct table t = {0};
    assert_true(read_text(&t, S("\xef\xbb\xbfName; MAC ;Password\r\n"
                                "J\xc3\xb6rg;58:BF:EA:00:00:01;\"a;\"\"b\"\r\n"
                                ";;\r\n\r\n"
                                "  ;58bf.ea00.0002; x \r\n")));
    assert_string_equal(t.heard.text, "");
    assert_int_equal(t.inventory.row_count, 2);
    assert_int_equal(t.inventory.column_count, 3);
    int row = inventory_find(&t.inventory, mac_of(1));
    assert_int_equal(row, 0);
    assert_string_equal(cell(&t, row, "PASSWORD"), "a;\"b");
    assert_string_equal(cell(&t, row, "name"), "J\xc3\xb6rg");
    assert_string_equal(cell(&t, 1, "password"), " x ");
    assert_string_equal(cell(&t, 1, "mac"), "58bf.ea00.0002");
    assert_int_equal(t.inventory.rows[1].line, 5);
    assert_int_equal(inventory_find(&t.inventory, mac_of(3)), INVENTORY_NONE);
    assert_int_equal(inventory_column(&t.inventory, S("passwor")), INVENTORY_NONE);
    assert_int_equal(inventory_column(&t.inventory, S("")), INVENTORY_NONE);
    free(t.block);
}

static void what_is_wrong_is_told_at_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *why, *in;
        size_t len;
        const char *told;
    } cases[] = {
        {"empty", S(""), "phones.csv:0: error: is empty: it needs a header line with a column \"mac\"\n"},
        {"blank lines only", S("\n,,\n"),
         "phones.csv:0: error: is empty: it needs a header line with a column \"mac\"\n"},
        {"no mac", S("name,ip\n"), "phones.csv:1: error: the header line has no column \"mac\"\n"},
        {"nearly mac", S("MAC Address,ip\n"),
         "phones.csv:1: error: the header line has no column \"mac\": is it \"MAC Address\"? Then rename it\n"},
        {"no header", S("58bfea000001,secret\n"),
         "phones.csv:1: error: the first line must name the columns (one of them \"mac\"), but has a phone's "
         "values\n"},
        {"two columns of a name", S("mac,Pin,x,pin\n"),
         "phones.csv:1: error: columns 2 and 4 are both called \"pin\"\n"},
        {"too few fields", S("mac,a,b\n58bfea000001,s\n"),
         "phones.csv:2: error: has 2 fields, the header line has 3\n"},
        {"too many fields", S("mac,a\n\n58bfea000001,s,secret\n58bfea000002\n"),
         "phones.csv:3: error: has 3 fields, the header line has 2\n"
         "phones.csv:4: error: has 1 field, the header line has 2\n"},
        {"duplicate", S("mac\n58bfea000001\n58-BF-EA-00-00-01\n"),
         "phones.csv:3: error: \"58-BF-EA-00-00-01\" stands in line 2 already\n"},
        {"three of one", S("mac\n58bfea000001\n58bfea000001\n58bfea000001\n"),
         "phones.csv:3: error: \"58bfea000001\" stands in line 2 already\n"
         "phones.csv:4: error: \"58bfea000001\" stands in line 2 already\n"},
        {"a spreadsheet's number", S("mac,a\n5.8E+11,s\n"),
         "phones.csv:2: error: \"5.8E+11\" is no MAC address (a spreadsheet took it for a number: format the "
         "column "
         "as text)\n"},
        {"zeros dropped", S("mac,a\ne08abcdef,s\n"),
         "phones.csv:2: error: \"e08abcdef\" is no MAC address (a spreadsheet may have dropped zeros in front: "
         "format "
         "the column as text)\n"},
        {"what may be a secret is not told", S("mac,a\nhunter2!,s\n"),
         "phones.csv:2: error: what stands in column \"mac\" is no MAC address\n"},
        {"nobody's MAC", S("mac\n000000000000\n"),
         "phones.csv:2: error: \"000000000000\" is no phone's MAC address\n"},
        {"multicast", S("mac\n01005e000001\n"),
         "phones.csv:2: error: \"01005e000001\" is no phone's MAC address\n"},
        {"quote never ends", S("mac,a\n58bfea000001,s\n58bfea000002,\"s\n\n"),
         "phones.csv:3: error: a quoted field begins here and never ends: a quote inside one is written twice\n"},
        {"behind a quote", S("mac,a\n58bfea000001,\"s\"ecret\n"),
         "phones.csv:2: error: something stands behind the closing quote of a field: a quote inside one is written "
         "twice\n"},
        {"several at once", S("mac,a\nzz,s\n58bfea000001\n"),
         "phones.csv:3: error: has 1 field, the header line has 2\n"
         "phones.csv:2: error: what stands in column \"mac\" is no MAC address\n"},
        {"UTF-16", S("\xff\xfem\0a\0c\0"), "phones.csv:0: error: is UTF-16: save it as \"CSV UTF-8\"\n"},
        {"a spreadsheet's own file", S("PK\3\4\0\0"), "phones.csv:0: error: is no text: save the table as CSV\n"},
    };
    struct table t = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool sound = read_text(&t, cases[i].in, cases[i].len);
        if (sound || t.inventory.row_count != 0 || strcmp(t.heard.text, cases[i].told) != 0)
            fail_msg("%s: %s", cases[i].why, t.heard.text);
    }
    free(t.block);
}

static void warnings_leave_it_usable(void **state)
{
    (void)state;
    struct table t = {0};
    assert_true(read_text(&t, S("mac,n,,\n58bfea000001,J\xf6rg,,\n58bfea000002,\xe4,x,y\n58bfea000003,,z,\n")));
    assert_string_equal(
        t.heard.text,
        "phones.csv:2: warning: has a character that is not UTF-8 and is taken for ISO 8859-1: save it "
        "as \"CSV UTF-8\"\n"
        "phones.csv:3: warning: field 3 has a value, but column 3 has no name\n"
        "phones.csv:3: warning: field 4 has a value, but column 4 has no name\n"
        "phones.csv:4: warning: field 3 has a value, but column 3 has no name\n");
    assert_string_equal(cell(&t, 0, "n"), "J\xc3\xb6rg");
    assert_int_equal(t.inventory.row_count, 3);
    free(t.block);
}

static void a_block_too_small(void **state)
{
    (void)state;
    static const char text[] = "mac,a\n58bfea000001,s\n58bfea000002,s\n";
    size_t needed = 0;
    for (size_t size = 0; size < 200000; size += 97) {
        struct inventory inventory;
        struct heard heard;
        void *block = malloc(size > 0 ? size : 1);
        bool sound = inventory_read(&inventory, "phones.csv", S(text), block, size, seed, heard_clear(&heard));
        assert_true(sound || strstr(heard.text, "is too long") != NULL);
        assert_int_equal(inventory.row_count, sound ? 2 : 0);
        if (sound && needed == 0)
            needed = size;
        free(block);
    }
    assert_in_range(needed, 1000, 100000);
}

/* As many and as short rows as can be: INVENTORY_MEMORY() is enough for every file. */
static void the_promised_block_is_enough(void **state)
{
    (void)state;
    enum { ROWS = INVENTORY_ROWS_MAX };
    static char text[ROWS * 4 + 64];
    struct table t = {0};
    size_t len = (size_t)sprintf(text, "mac,a\n");
    for (int i = 0; i < ROWS; i++)
        len += (size_t)sprintf(text + len, ",%c\n", 'a' + i % 26);
    assert_true(read_text(&t, text, len));
    assert_int_equal(t.inventory.row_count, ROWS);
    memcpy(text + len, ",b\n", 3);
    assert_false(read_text(&t, text, len + 3));
    assert_string_equal(t.heard.text, "phones.csv:0: error: has 4097 phones; at most 4096 are allowed\n");
    len = 0; /* and as many fields */
    for (int i = 0; i < INVENTORY_COLUMNS_MAX; i++)
        len += (size_t)sprintf(text + len, "%s%s", i > 0 ? "," : "", i == 200 ? "mac" : "");
    text[len++] = '\n';
    while (len + INVENTORY_COLUMNS_MAX + 1 < sizeof text) {
        text[len] = '\xe4';
        memset(text + len + 1, ',', INVENTORY_COLUMNS_MAX - 1);
        text[len + INVENTORY_COLUMNS_MAX] = '\n';
        len += INVENTORY_COLUMNS_MAX + 1;
    }
    assert_true(read_text(&t, text, len));
    free(t.block);
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    static const char text[] = "mac,pw\r\n58bfea000001,\"a\"\"b\"\r\n,\xe4\r\n58bfea000002,\"c\r\nd\"\r\n";
    struct table t = {0};
    for (size_t n = 0; n < sizeof text; n++)
        read_text(&t, text, n);
    free(t.block);
}

/* -- rows without a MAC -- */

static void free_rows_go_out_in_order(void **state)
{
    (void)state;
    struct table t = {0};
    struct inventory_claim claim;
    assert_true(read_text(&t, S("mac,pw\n,a\n58bfea000001,b\n,c\n,a\n")));
    assert_int_equal(inventory_claim(&t.inventory, mac_of(7), &claim), 0);
    assert_int_equal(claim.line, 2);
    assert_int_equal(inventory_claim(&t.inventory, mac_of(8), &claim), 2);
    assert_int_equal(inventory_find(&t.inventory, mac_of(7)), 0);
    inventory_release(&t.inventory, mac_of(7));
    inventory_release(&t.inventory, mac_of(1)); /* a listed one stays */
    inventory_release(&t.inventory, mac_of(99));
    assert_int_equal(inventory_find(&t.inventory, mac_of(7)), INVENTORY_NONE);
    assert_int_equal(inventory_find(&t.inventory, mac_of(1)), 1);
    assert_int_equal(inventory_claim(&t.inventory, mac_of(9), &claim), 0);
    assert_int_equal(inventory_claim(&t.inventory, mac_of(10), &claim), 3);
    assert_int_equal(inventory_claim(&t.inventory, mac_of(11), &claim), INVENTORY_NONE);
    inventory_empty(&t.inventory);
    assert_int_equal(inventory_claim(&t.inventory, mac_of(11), &claim), INVENTORY_NONE);
    assert_int_equal(inventory_find(&t.inventory, mac_of(1)), INVENTORY_NONE);
    inventory_reclaim(&t.inventory, &claim, 1);
    assert_int_equal(claim.row, INVENTORY_NONE);
    free(t.block);
}

/* Phones 1, 2, 3 have the rows a, b, c of the first file; then the file changes. The values they have
 * afterwards, '-' for none. */
static void claims_find_their_rows_again(void **state)
{
    (void)state;
    static const struct {
        const char *why, *after, *have;
    } cases[] = {
        {"nothing changed", "mac,pw\n,a\n,b\n,c\n", "abc"},
        {"columns in another order, and one more", "x,pw,mac\n,a,\n,b,\n,c,\n", "abc"},
        {"lines in another order", "mac,pw\n,c\n,a\n,b\n", "abc"},
        {"a line before them", "mac,pw\n,z\n,a\n,b\n,c\n", "abc"},
        {"a value corrected", "mac,pw\n,a\n,B\n,c\n", "aBc"},
        {"all values corrected", "mac,pw\n,A\n,B\n,C\n", "ABC"},
        {"corrected and moved: nobody can tell", "mac,pw\n,z\n,a\n,B\n,c\n", "a-c"},
        {"others stand where the row was", "mac,pw\n,z\n,x\n,a\n,c\n", "a-c"},
        {"a line taken away", "mac,pw\n,a\n,c\n", "a-c"},
        {"the MAC written in", "mac,pw\n,a\n58bfea000002,b\n,c\n", "abc"},
        {"the MAC written in elsewhere", "mac,pw\n,a\n,b\n58bfea000002,c\n", "ac-"},
    };
    struct table t = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct inventory_claim claims[3];
        char have[4] = "---";
        assert_true(read_text(&t, S("mac,pw\n,a\n,b\n,c\n")));
        for (unsigned k = 0; k < 3; k++)
            assert_int_equal(inventory_claim(&t.inventory, mac_of(k + 1), &claims[k]), (int)k);
        assert_true(read_text(&t, cases[i].after, strlen(cases[i].after)));
        inventory_reclaim(&t.inventory, claims, 3);
        for (unsigned k = 0; k < 3; k++) {
            assert_int_equal(claims[k].row, inventory_find(&t.inventory, mac_of(k + 1)));
            if (claims[k].row != INVENTORY_NONE)
                have[k] = cell(&t, claims[k].row, "pw")[0];
        }
        if (strcmp(have, cases[i].have) != 0)
            fail_msg("%s: %s", cases[i].why, have);
    }
    free(t.block);
}

/* Rows that are the same to the letter are still rows of their own. */
static void equal_rows(void **state)
{
    (void)state;
    struct table t = {0};
    struct inventory_claim claims[2];
    static const char text[] = "mac,pw\n,a\n,a\n,a\n";
    assert_true(read_text(&t, S(text)));
    inventory_claim(&t.inventory, mac_of(1), &claims[0]);
    inventory_claim(&t.inventory, mac_of(2), &claims[1]);
    assert_true(claims[0].digest != claims[1].digest);
    assert_true(read_text(&t, S(text)));
    struct inventory_claim second = claims[1];
    inventory_reclaim(&t.inventory, &second, 1);
    assert_int_equal(second.row, 1);
    free(t.block);
}

/* Digests stand in journals: they must not change from one release to the next. */
static void digests_stay(void **state)
{
    (void)state;
    struct table t = {0};
    assert_true(read_text(&t, S("mac,pw,ext\n,secret,101\n")));
    if (t.inventory.rows[0].digest != 0x09ed499358ec4362u)
        fail_msg("%llx", (unsigned long long)t.inventory.rows[0].digest);
    free(t.block);
}

static void a_report_of_an_earlier_batch(void **state)
{
    (void)state;
    struct table t = {0};
    assert_true(
        read_text(&t, S("mac,serial,model,family,ip,state,before,after,target,rungs,attempts,first_seen,done_at,"
                        "note,Password\r\n"
                        "58bfea000001,CCQ1,SPA504G,spa50x-30x,192.168.10.50,done,7.3.7,7.6.1,7.6.1,x,0,,,,'=1+1\r\n"
                        "58bfea000002,CCQ1,SPA504G,spa50x-30x,192.168.10.50,done,7.3.7,7.6.1,7.6.1,x,0,,,,'tis\r\n"
                        ",CBT1,SPA525G,spa525g,192.168.10.51,new,,,,,0,,,,\r\n")));
    assert_string_equal(t.heard.text, "phones.csv:4: warning: has no MAC address and is passed over\n");
    assert_int_equal(t.inventory.row_count, 2);
    assert_string_equal(cell(&t, 0, "password"), "=1+1");
    assert_string_equal(cell(&t, 1, "password"), "'tis");
    /* The operator's own file is taken as it is. */
    assert_true(read_text(&t, S("mac,pw\n58bfea000001,'=1\n")));
    assert_string_equal(cell(&t, 0, "pw"), "'=1");
    free(t.block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_columns),
        cmocka_unit_test(what_is_wrong_is_told_at_its_line),
        cmocka_unit_test(warnings_leave_it_usable),
        cmocka_unit_test(a_block_too_small),
        cmocka_unit_test(the_promised_block_is_enough),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(free_rows_go_out_in_order),
        cmocka_unit_test(claims_find_their_rows_again),
        cmocka_unit_test(equal_rows),
        cmocka_unit_test(digests_stay),
        cmocka_unit_test(a_report_of_an_earlier_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
