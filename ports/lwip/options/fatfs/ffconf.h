/* ffconf.h - FatFs (R0.13c) as ports/lwip/fatfs*.c use it: FAT12, 16 and 32 with long names, one volume. */
#ifndef STAGEBOX_FFCONF_H
#define STAGEBOX_FFCONF_H

#define FFCONF_DEF 86604

#define FF_FS_READONLY 0
#define FF_FS_MINIMIZE 0
#define FF_USE_STRFUNC 0
#define FF_USE_FIND 0
#define FF_USE_MKFS 0
#define FF_USE_FASTSEEK 1 /* where a store's sectors are */
#define FF_USE_EXPAND 1   /* stores lie in one piece where the card has such a one */
#define FF_USE_CHMOD 0
#define FF_USE_LABEL 0
#define FF_USE_FORWARD 0

#define FF_CODE_PAGE 437
#define FF_USE_LFN 1 /* a static buffer: there is one thread */
#define FF_MAX_LFN 255
#define FF_LFN_UNICODE 2 /* names are UTF-8 */
#define FF_LFN_BUF 255
#define FF_SFN_BUF 34
#define FF_STRF_ENCODE 3
#define FF_FS_RPATH 0

#define FF_VOLUMES 1
#define FF_STR_VOLUME_ID 0
#define FF_MULTI_PARTITION 0
#define FF_MIN_SS 512
#define FF_MAX_SS 512
#define FF_USE_TRIM 0
#define FF_FS_NOFSINFO 0

#define FF_FS_TINY 0 /* data never lies in the volume's own window: stores write past it */
#define FF_FS_EXFAT 0
#define FF_FS_NORTC 0
#define FF_FS_LOCK 0
#define FF_FS_REENTRANT 0

#endif
