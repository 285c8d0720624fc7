/* test_card.c - files of the card: names without case, no way out of the folder, atomic replacement. */
#define _GNU_SOURCE
#include "port_linux/bench.h"

#include "ports/linux/card.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static char outside[40]; /* a folder beside the card's */

static void put(const char *path, const char *text)
{
    char full[300];
    snprintf(full, sizeof full, "%s/%s", bench_card, path);
    bench_write(full, text);
}

static void link_to(const char *target, const char *path)
{
    char full[300];
    snprintf(full, sizeof full, "%s/%s", bench_card, path);
    assert_int_equal(symlink(target, full), 0);
}

static void folder(const char *path)
{
    char full[300];
    snprintf(full, sizeof full, "%s/%s", bench_card, path);
    assert_int_equal(mkdir(full, 0755), 0);
}

static int make(void **state)
{
    char path[200];
    bench_become_root();
    (void)state;
    snprintf(outside, sizeof outside, "/tmp/stagebox-test-XXXXXX");
    assert_non_null(mkdtemp(outside));
    snprintf(path, sizeof path, "%s/secret", outside);
    bench_write(path, "outside");
    snprintf(bench_card, sizeof bench_card, "%s/card", outside);
    assert_int_equal(mkdir(bench_card, 0755), 0);
    folder("Firmware");
    folder("Firmware/sub");
    folder("state");
    put("StageBox.INI", "[box]");
    put("state/journal", "journal");
    put("Firmware/spa.BIN", "image");
    put("Firmware/both.bin", "lower");
    put("Firmware/BOTH.bin", "upper");
    put("Firmware/sub/deep.bin", "deep");
    put("Firmware/.spa.bin" CARD_TEMPORARY, "half");
    link_to("spa.BIN", "Firmware/inside.bin");
    link_to("sub/deep.bin", "Firmware/below.bin");
    link_to("../StageBox.INI", "Firmware/up.bin");
    link_to("../../secret", "Firmware/out.bin");
    link_to("/etc/passwd", "Firmware/absolute.bin");
    link_to("nowhere", "Firmware/dangling.bin");
    link_to("loop.bin", "Firmware/loop.bin");
    link_to("..", "up");
    link_to("Firmware", "images");
    snprintf(path, sizeof path, "%s/Firmware/fifo.bin", bench_card);
    return mkfifo(path, 0644);
}

static int unmake(void **state)
{
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", outside);
    bench_sh(command);
    return 0;
}

static const struct {
    const char *why, *path, *content; /* NULL: an error */
    int error;
} reads[] = {
    {"as spelled", "StageBox.INI", "[box]", 0},
    {"any case, in each name", "firmware/SPA.bin", "image", 0},
    {"exact before another case", "firmware/both.bin", "lower", 0},
    {"exact before another case", "firmware/BOTH.bin", "upper", 0},
    {"neither exact: the first in the alphabet", "firmware/Both.BIN", "upper", 0},
    {"doubled and leading dots and slashes", "./firmware//./spa.bin", "image", 0},
    {"a link beside", "firmware/inside.bin", "image", 0},
    {"a link below", "firmware/below.bin", "deep", 0},
    {"a link to a folder", "images/spa.bin", "image", 0},
    {"not there", "firmware/none.bin", NULL, PORT_E_NOENT},
    {"no such folder", "none/spa.bin", NULL, PORT_E_NOENT},
    {"a file taken for a folder", "stagebox.ini/x", NULL, PORT_E_NOENT},
    {"longer than a name can be",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     NULL, PORT_E_NOENT},
    {"up", "../secret", NULL, PORT_E_ACCESS},
    {"up, from below", "firmware/../../secret", NULL, PORT_E_ACCESS},
    {"up and back", "../card/StageBox.INI", NULL, PORT_E_ACCESS},
    {"up within", "firmware/../StageBox.INI", NULL, PORT_E_ACCESS},
    {"only up", "..", NULL, PORT_E_ACCESS},
    {"a link that leads up within the card", "firmware/up.bin", NULL, PORT_E_ACCESS},
    {"a link out of the card", "firmware/out.bin", NULL, PORT_E_ACCESS},
    {"an absolute link", "firmware/absolute.bin", NULL, PORT_E_ACCESS},
    {"a link to itself", "firmware/loop.bin", NULL, PORT_E_ACCESS},
    {"a link to nothing", "firmware/dangling.bin", NULL, PORT_E_NOENT},
    {"through a link to the folder above", "up/secret", NULL, PORT_E_ACCESS},
    {"a FIFO", "firmware/fifo.bin", NULL, PORT_E_ACCESS},
    {"a folder", "firmware", NULL, PORT_E_ACCESS},
    {"the card itself", "", NULL, PORT_E_ACCESS},
    {"a back-slash is a letter", "firmware\\spa.bin", NULL, PORT_E_NOENT},
};

static void try_read(struct port *port, const char *why, const char *path, const char *content, int error)
{
    char buf[100];
    struct port_file file;
    int got = port_read(port, path, 0, buf, sizeof buf), stat = port_stat(port, path, &file);
    print_message("%s: %s\n", why, path);
    assert_int_equal(got, content != NULL ? (int)strlen(content) : error);
    assert_int_equal(stat, content != NULL ? 0 : error);
    if (content != NULL) {
        assert_memory_equal(buf, content, strlen(content));
        assert_int_equal(file.size, strlen(content));
        return;
    }
    const struct port_blob *blob;
    assert_int_equal(port_blob_open(port, path, &blob), error);
    assert_true(strlen(port_error_sentence(port)) > 10);
}

static void test_reads(void **state)
{
    (void)state;
    struct port *port = bench_port();
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
        try_read(port, reads[i].why, reads[i].path, reads[i].content, reads[i].error);
    port_linux_close(port);
}

static void test_read_parts(void **state)
{
    (void)state;
    char buf[10];
    struct port *port = bench_port();
    assert_int_equal(port_read(port, "firmware/spa.bin", 2, buf, 2), 2);
    assert_memory_equal(buf, "ag", 2);
    assert_int_equal(port_read(port, "firmware/spa.bin", 4, buf, 10), 1);
    assert_int_equal(port_read(port, "firmware/spa.bin", 5, buf, 10), 0);
    assert_int_equal(port_read(port, "firmware/spa.bin", 1u << 30, buf, 10), 0);
    port_linux_close(port);
}

static void test_absolute(void **state)
{
    (void)state;
    char path[300], buf[20];
    struct port_file file;
    struct port *port = bench_port();
    snprintf(path, sizeof path, "%s/secret", outside);
    assert_int_equal(port_read(port, path, 0, buf, sizeof buf), 7);
    assert_int_equal(port_stat(port, path, &file), 0);
    assert_string_equal(file.name, "secret");
    snprintf(path, sizeof path, "%s/Firmware/out.bin", bench_card); /* a setting named it: links are followed */
    assert_int_equal(port_read(port, path, 0, buf, sizeof buf), 7);
    snprintf(path, sizeof path, "%s/none", outside);
    assert_int_equal(port_read(port, path, 0, buf, sizeof buf), PORT_E_NOENT);
    port_linux_close(port);
}

struct names {
    char all[400];
    int count, stop_after;
};

static bool collect(void *ctx, const struct port_file *file)
{
    struct names *names = ctx;
    size_t len = strlen(names->all);
    if (file->not_a_file)
        snprintf(names->all + len, sizeof names->all - len, " %s! ", file->name);
    else
        snprintf(names->all + len, sizeof names->all - len, " %s=%d ", file->name, (int)file->size);
    return ++names->count != names->stop_after;
}

static void test_list(void **state)
{
    (void)state;
    struct names names = {0}, one = {.stop_after = 1}, root = {0};
    struct port *port = bench_port();
    assert_int_equal(port_list(port, "FIRMWARE", collect, &names), 12);
    static const char *const expected[] = {" spa.BIN=5 ", " both.bin=5 ", " BOTH.bin=5 ", " inside.bin=5 ",
                                           " below.bin=4 ", " sub! ", " up.bin! ", " out.bin! ",
                                           " absolute.bin! ", " dangling.bin! ", " loop.bin! ", " fifo.bin! "};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_non_null(strstr(names.all, expected[i]));
    assert_int_equal(port_list(port, "firmware", collect, &one), 1);
    assert_int_equal(port_list(port, "", collect, &root), 5);
    assert_non_null(strstr(root.all, " StageBox.INI=5 "));
    assert_non_null(strstr(root.all, " state! "));
    assert_int_equal(port_list(port, ".", collect, &root), 5);
    assert_int_equal(port_list(port, "none", collect, &names), PORT_E_NOENT);
    assert_int_equal(port_list(port, "stagebox.ini", collect, &names), PORT_E_NOENT);
    assert_int_equal(port_list(port, "..", collect, &names), PORT_E_ACCESS);
    assert_int_equal(port_list(port, "up", collect, &names), PORT_E_ACCESS);
    port_linux_close(port);
}

static void test_stamp_changes(void **state)
{
    (void)state;
    struct port_file before, same, after;
    struct port *port = bench_port();
    put("stamp.bin", "one");
    assert_int_equal(port_stat(port, "stamp.bin", &before), 0);
    assert_int_equal(port_stat(port, "STAMP.bin", &same), 0);
    assert_int_equal(before.stamp, same.stamp);
    assert_string_equal(same.name, "stamp.bin");
    assert_true(before.modified_s > 1500000000);
    assert_int_equal(port_replace(port, "stamp.bin", "two", 3), 0); /* the same size */
    assert_int_equal(port_stat(port, "stamp.bin", &after), 0);
    assert_true(before.stamp != after.stamp);
    port_linux_close(port);
}

/* Who has the old file open reads the old one to its end; the name shows the new one, whole. */
static void test_replace(void **state)
{
    (void)state;
    char path[300], buf[20];
    struct names names = {0};
    struct stat info;
    struct port *port = bench_port();
    put("phones.csv", "old");
    snprintf(path, sizeof path, "%s/phones.csv", bench_card);
    assert_int_equal(chmod(path, 0640), 0);
    int reader = open(path, O_RDONLY);
    assert_int_equal(port_replace(port, "PHONES.CSV", "newer", 5), 0);
    assert_int_equal(read(reader, buf, sizeof buf), 3);
    assert_int_equal(port_read(port, "phones.csv", 0, buf, sizeof buf), 5);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640); /* who could read it still can */
    close(reader);
    assert_true(port_list(port, "", collect, &names) >= 2);
    assert_null(strstr(names.all, "PHONES.CSV"));
    snprintf(path, sizeof path, "%s/.phones.csv" CARD_TEMPORARY, bench_card);
    assert_int_equal(access(path, F_OK), -1);
    put(".phones.csv" CARD_TEMPORARY, "left by a power cut");
    assert_int_equal(port_replace(port, "phones.csv", "", 0), 0);
    assert_int_equal(port_read(port, "phones.csv", 0, buf, sizeof buf), 0);
    port_linux_close(port);
}

static void test_room(void **state)
{
    (void)state;
    struct port *port = bench_port();
    uint64_t room = 0, size = 0;
    assert_int_equal(port_room(port, &room, &size), 0);
    assert_true(size > 0 && room <= size);
    port_linux_close(port);
}

static void test_replace_makes_folders(void **state)
{
    (void)state;
    char path[300];
    struct stat info;
    struct port *port = bench_port();
    assert_int_equal(port_replace(port, "State/Reports/x.xml", "report", 6), 0);
    snprintf(path, sizeof path, "%s/state/Reports/x.xml", bench_card); /* into the folder that was there */
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    port_linux_close(port);
}

static void test_replace_stays_inside(void **state)
{
    (void)state;
    static const char *const paths[] = {"../secret",    "up/secret",         "firmware/out.bin",
                                        "firmware/sub", "firmware/fifo.bin", ""};
    char path[200], buf[20];
    struct port *port = bench_port();
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_true(port_replace(port, paths[i], "evil", 4) < 0);
    snprintf(path, sizeof path, "%s/secret", outside);
    assert_int_equal(port_read(port, path, 0, buf, sizeof buf), 7);
    port_linux_close(port);
}

/* -- a kernel without openat2() ------------------------------------------------------------------- */

static int forbid_openat2(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static const struct {
    const char *path;
    int result;
} without[] = {
    {"firmware/spa.bin", 5},
    {"firmware/inside.bin", PORT_E_ACCESS}, /* links are refused altogether */
    {"firmware/up.bin", PORT_E_ACCESS},
    {"firmware/out.bin", PORT_E_ACCESS},
    {"images/spa.bin", PORT_E_ACCESS},
    {"up/secret", PORT_E_ACCESS},
    {"../secret", PORT_E_ACCESS},
    {"firmware/fifo.bin", PORT_E_ACCESS},
    {"none", PORT_E_NOENT},
};

static int read_without_openat2(void)
{
    char buf[100];
    struct port *port = bench_port();
    if (forbid_openat2() != 0)
        return 100;
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        if (port_read(port, without[i].path, 0, buf, sizeof buf) != without[i].result)
            return (int)i + 1;
    port_linux_close(port);
    return 0;
}

static void test_without_openat2(void **state)
{
    (void)state;
    assert_int_equal(bench_in_child(read_without_openat2), 0);
}

/* -- sealed copies ---------------------------------------------------------------------------------- */

static void test_blob_is_a_copy(void **state)
{
    (void)state;
    const struct port_blob *blob, *empty;
    struct port *port = bench_port();
    put("image.bin", "verified");
    put("empty.bin", "");
    assert_int_equal(port_blob_open(port, "image.bin", &blob), 0);
    put("image.bin", "something else");
    assert_int_equal(blob->size, 8);
    assert_memory_equal(blob->data, "verified", 8);
    assert_int_equal(mprotect((void *)(uintptr_t)blob->data, 4096, PROT_READ), 0);
    assert_int_equal(port_blob_open(port, "empty.bin", &empty), 0);
    assert_int_equal(empty->size, 0);
    port_blob_release(port, blob);
    port_blob_release(port, empty);
    assert_int_equal(port_blob_open(port, "image.bin", &blob), 0);
    assert_int_equal(blob->size, 14);
    port_linux_close(port); /* releases it */
}

static void test_folder_that_is_not_there(void **state)
{
    (void)state;
    char why[SENTENCE_MAX];
    assert_null(port_linux_open("/nowhere/at/all", NULL, why, sizeof why));
    assert_string_equal(why, "/nowhere/at/all: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_read_parts),
        cmocka_unit_test(test_absolute),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_stamp_changes),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_replace_makes_folders),
        cmocka_unit_test(test_replace_stays_inside),
        cmocka_unit_test(test_without_openat2),
        cmocka_unit_test(test_blob_is_a_copy),
        cmocka_unit_test(test_folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
