/* fatfs_disk.c - what FatFs asks of the medium and of the clock. */
#include "ports/lwip/fatfs_disk.h"

#include "ports/lwip/fatfs_internal.h"

#include "diskio.h"

#include "net/calendar.h"

#define FAT_EPOCH 1980

static const struct block_device *clock_of; /* get_fattime() has no context */

void fat_disk_use(const struct block_device *device)
{
    clock_of = device;
}

DRESULT disk_read(void *drive, BYTE *buf, DWORD sector, UINT count)
{
    const struct block_device *device = drive;
    return device->read(device->ctx, sector, buf, count) == 0 ? RES_OK : RES_ERROR;
}

DRESULT disk_write(void *drive, const BYTE *data, DWORD sector, UINT count)
{
    const struct block_device *device = drive;
    return device->write(device->ctx, sector, data, count) == 0 ? RES_OK : RES_ERROR;
}

DRESULT disk_ioctl(void *drive, BYTE command, void *buf)
{
    const struct block_device *device = drive;
    switch (command) {
    case CTRL_SYNC:
        return device->sync(device->ctx) == 0 ? RES_OK : RES_ERROR;
    case IOCTL_INIT:
    case IOCTL_STATUS:
        *(DSTATUS *)buf = 0;
        return RES_OK;
    case GET_SECTOR_COUNT:
        *(DWORD *)buf = device->sectors;
        return RES_OK;
    default:
        return RES_PARERR;
    }
}

/* FAT specification: bits 31..25 years since 1980, 24..21 month, 20..16 day, 15..11 hour, 10..5 minute, 4..0 seconds / 2. */
DWORD get_fattime(void)
{
    int64_t unix_ms;
    if (clock_of == NULL || clock_of->wall_ms == NULL || !clock_of->wall_ms(clock_of->ctx, &unix_ms))
        return 1u << 21 | 1u << 16;
    struct calendar c = calendar_of(unix_ms / 1000);
    unsigned year = c.year > FAT_EPOCH ? (unsigned)(c.year - FAT_EPOCH) : 0;
    return year << 25 | (unsigned)c.month << 21 | (unsigned)c.day << 16 | (unsigned)c.hour << 11 |
           (unsigned)c.minute << 5 | (unsigned)c.second / 2;
}

int64_t fat_seconds(unsigned date, unsigned time)
{
    struct calendar c = {.year = (int)(date >> 9) + FAT_EPOCH, .month = (int)(date >> 5 & 15), .day = (int)(date & 31),
                         .hour = (int)(time >> 11), .minute = (int)(time >> 5 & 63), .second = (int)(time & 31) * 2};
    return c.month < 1 || c.month > 12 || c.day < 1 || (c.year == FAT_EPOCH && date == 33) ? 0 : calendar_seconds(&c);
}
