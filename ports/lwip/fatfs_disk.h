/* fatfs_disk.h - what FatFs asks of the medium and of the clock. */
#ifndef STAGEBOX_PORTS_LWIP_FATFS_DISK_H
#define STAGEBOX_PORTS_LWIP_FATFS_DISK_H

#include "ports/lwip/fatfs.h"

/* Whose clock dates the files; NULL: nobody's. */
void fat_disk_use(const struct block_device *device);
/* A folder's date and time as seconds since 1970; 0 where there is none, or that of a clock that was not set. */
int64_t fat_seconds(unsigned date, unsigned time);

#endif
