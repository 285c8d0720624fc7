/* Process 1 of the Raspberry Pi's card: there is nothing else but the kernel and stagebox. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define TELL_EVERY 100 /* turns of 0.1 s */
#define NETWORK_TURNS 200

static void mount_system(void)
{
    mkdir("/proc", 0555);
    mkdir("/sys", 0555);
    mkdir("/dev", 0755);
    mkdir(CARD, 0700);
    mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, NULL);
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static void wait_a_turn(void)
{
    struct timespec turn = {.tv_nsec = 100000000};
    nanosleep(&turn, NULL);
}

/* Cards and USB sticks take a while, and somebody may put one in later. */
static void wait_for_card(void)
{
    for (unsigned turns = 1; !card_mount(); turns++) {
        char there[300];
        if (turns % TELL_EVERY == 0) {
            card_list(there, sizeof there);
            console_say("no FAT partition with a stagebox.ini; there is %s", there);
        }
        wait_a_turn();
    }
}

static bool has_network(void)
{
    bool found = false;
    char path[300];
    DIR *dir = opendir("/sys/class/net");
    for (struct dirent *entry; dir != NULL && !found && (entry = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "/sys/class/net/%s/device", entry->d_name);
        found = entry->d_name[0] != '.' && access(path, F_OK) == 0;
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

/* An Ethernet chip on USB comes up behind its bus. Without any, stagebox says what it misses. */
static void wait_for_network(void)
{
    for (unsigned turns = 0; !has_network() && turns < NETWORK_TURNS; turns++)
        wait_a_turn();
}

int main(void)
{
    mount_system();
    console_open();
    reboot(RB_DISABLE_CAD);
    modules_load();
    wait_for_card();
    /* Nothing is written from here on but the card. */
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
        console_say("its own root stays writable: %s", strerror(errno));
    wait_for_network();
    int stop = box_keep();
    umount(CARD);
    sync();
    reboot(stop == SIGTERM ? RB_POWER_OFF : RB_AUTOBOOT);
    return 1;
}
