#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "init.h"

#define BLOCK_DEVICES "/sys/class/block"
/* Names as UTF-8. `flush`: what was written goes to the card soon, for people who pull it out. */
#define FAT_OPTIONS "utf8,umask=077,flush"

static bool try(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "/dev/%s", name);
    if (mount(path, CARD, "vfat", MS_NOATIME | MS_NODEV | MS_NOEXEC | MS_NOSUID | MS_SILENT, FAT_OPTIONS) != 0)
        return false;
    if (access(SETTINGS, F_OK) == 0) {
        console_say("the card is %s", name);
        return true;
    }
    umount(CARD);
    return false;
}

bool card_mount(void)
{
    bool found = false;
    DIR *dir = opendir(BLOCK_DEVICES);
    for (struct dirent *entry; dir != NULL && !found && (entry = readdir(dir)) != NULL;)
        found = entry->d_name[0] != '.' && try(entry->d_name);
    if (dir != NULL)
        closedir(dir);
    return found;
}

void card_list(char *out, size_t cap)
{
    size_t len = 0;
    DIR *dir = opendir(BLOCK_DEVICES);
    out[0] = '\0';
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        int more = snprintf(out + len, cap - len, "%s%s", len > 0 ? ", " : "", entry->d_name);
        if (more < 0 || (size_t)more >= cap - len)
            break;
        len += (size_t)more;
    }
    out[len] = '\0';
    if (dir != NULL)
        closedir(dir);
    if (len == 0)
        snprintf(out, cap, "no block device at all");
}
