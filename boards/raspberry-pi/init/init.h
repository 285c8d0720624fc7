/* init.h - the parts of the card's process 1: it mounts, loads drivers, and keeps stagebox running. Everything it
 * says goes to every console. */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>
#include <stddef.h>

#define CARD "/card"
#define SETTINGS CARD "/stagebox.ini"

/* console.c */

/* Opens what /sys/class/tty/console/active names: the screen, the serial line. */
void console_open(void);
/* Writes to all of them. */
void console_write(const char *text, size_t len);
/* A line of init's own. */
void console_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* modules.c: loads what /modules/order lists, a file name a line, each behind those that it needs. A driver without
 * its device says nothing. */
void modules_load(void);

/* card.c */

/* Mounts at CARD the first FAT partition that has a stagebox.ini; false where there is none yet. */
bool card_mount(void);
/* What there is instead, for a sentence: "mmcblk0, mmcblk0p1". */
void card_list(char *out, size_t cap);

/* box.c: runs stagebox again and again, until a signal says that the machine is to stop. The signal: SIGINT, that
 * is Ctrl-Alt-Del, or SIGTERM. */
int box_keep(void);

#endif
