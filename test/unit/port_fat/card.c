#define _GNU_SOURCE
#include "port_fat/card.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTITION_AT ((size_t)CARD_PARTITION * BLOCK_BYTES)

/* What makes a FAT of so many bits is the number of its clusters. */
static const struct kind {
    unsigned bits, sectors, cluster;
} kinds[] = {{12, 8192, 4}, {16, 20480, 1}, {32, 70000, 1}};

static size_t partition_bytes(const struct card *card)
{
    return (size_t)(card->device.sectors - CARD_PARTITION) * BLOCK_BYTES;
}

static int read_sectors(void *ctx, uint32_t sector, void *buf, uint32_t count)
{
    struct card *card = ctx;
    assert_true(sector < card->device.sectors && count <= card->device.sectors - sector);
    memcpy(buf, card->sectors + (size_t)sector * BLOCK_BYTES, (size_t)count * BLOCK_BYTES);
    return 0;
}

/* Sector by sector: power may go between any two. */
static int write_sectors(void *ctx, uint32_t sector, const void *data, uint32_t count)
{
    struct card *card = ctx;
    assert_true(sector < card->device.sectors && count <= card->device.sectors - sector);
    for (uint32_t i = 0; i < count; i++) {
        if (card->broken && card->broken_after-- == 0) {
            card->broken_after = 0;
            return -1;
        }
        if (card->writes_left == 0)
            continue;
        card->writes_left--;
        card->writes++;
        memcpy(card->sectors + ((size_t)sector + i) * BLOCK_BYTES, (const uint8_t *)data + (size_t)i * BLOCK_BYTES,
               BLOCK_BYTES);
    }
    return 0;
}

static int sync_card(void *ctx)
{
    struct card *card = ctx;
    card->syncs++;
    return card->broken_sync ? -1 : 0;
}

static bool is_busy(void *ctx)
{
    return ((struct card *)ctx)->busy;
}

static bool wall_ms(void *ctx, int64_t *unix_ms)
{
    *unix_ms = ((struct card *)ctx)->wall_ms;
    return *unix_ms != 0;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
    char command[400];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void put_partition_table(const struct card *card)
{
    uint8_t *sector = card->sectors, *entry = sector + 446;
    memset(entry, 0, 64);
    entry[4] = 0x0c;
    entry[8] = CARD_PARTITION;
    for (unsigned i = 0; i < 4; i++)
        entry[12 + i] = (uint8_t)((card->device.sectors - CARD_PARTITION) >> 8 * i);
    sector[510] = 0x55;
    sector[511] = 0xaa;
}

static void fill(const struct card *card, const char *const *files)
{
    for (; files != NULL && files[0] != NULL; files += 2) {
        const char *slash = strrchr(files[0], '/');
        if (slash != NULL)
            run("mmd -D s -i %s '::%.*s' 2>/dev/null", card->image, (int)(slash - files[0]), files[0]);
        run("printf '%s' | mcopy -o -i %s - '::%s'", files[1], card->image, files[0]);
    }
}

struct card *card_new(unsigned bits, const char *const *files)
{
    const struct kind *kind = kinds;
    while (kind->bits != bits)
        kind++;
    struct card *card = calloc(1, sizeof *card);
    card->device = (struct block_device){.ctx = card, .sectors = kind->sectors, .read = read_sectors,
                                         .write = write_sectors, .sync = sync_card, .busy = is_busy, .wall_ms = wall_ms};
    card->sectors = calloc(kind->sectors, BLOCK_BYTES);
    strcpy(card->image, "/tmp/stagebox-card-XXXXXX");
    int fd = mkstemp(card->image);
    assert_int_equal(ftruncate(fd, (off_t)partition_bytes(card)), 0);
    run("/sbin/mkfs.vfat -F %u -s %u -n STAGEBOX %s >/dev/null 2>&1", bits, kind->cluster, card->image);
    fill(card, files);
    assert_int_equal(read(fd, card->sectors + PARTITION_AT, partition_bytes(card)), (ssize_t)partition_bytes(card));
    close(fd);
    put_partition_table(card);
    card_power_on(card);
    return card;
}

void card_power_on(struct card *card)
{
    card->writes = card->syncs = 0;
    card->writes_left = UINT32_MAX;
    card->broken = card->broken_sync = card->busy = false;
    card->broken_after = 0;
}

void card_free(struct card *card)
{
    unlink(card->image);
    free(card->sectors);
    free(card);
}

struct fatfs *card_mount(struct card *card)
{
    char why[100] = "";
    struct fatfs *fatfs = fatfs_open(&card->device, why, sizeof why);
    if (fatfs == NULL)
        fail_msg("%s", why);
    return fatfs;
}

const char *card_check(const struct card *card)
{
    static char said[4096];
    char command[100];
    int fd = open(card->image, O_WRONLY);
    assert_int_equal(write(fd, card->sectors + PARTITION_AT, partition_bytes(card)), (ssize_t)partition_bytes(card));
    close(fd);
    snprintf(command, sizeof command, "/sbin/fsck.vfat -n %s", card->image);
    FILE *checker = popen(command, "r");
    size_t len = fread(said, 1, sizeof said - 1, checker);
    said[len] = '\0';
    if (pclose(checker) == 0)
        said[0] = '\0';
    return said;
}
