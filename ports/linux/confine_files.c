#include "ports/linux/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* Rights of newer kernels than the headers may know (Documentation/userspace-api/landlock.rst). */
#define FS_REFER (UINT64_C(1) << 13)     /* since ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)  /* 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* 5 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)  /* 6 */

#define FS_FIRST_ABI ((UINT64_C(1) << 13) - 1)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CARD                                                                                                    \
    (FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |      \
     LANDLOCK_ACCESS_FS_MAKE_DIR | FS_TRUNCATE)

/* As the kernel has it today; older ones accept it while what they do not know is zero. */
struct ruleset {
    uint64_t handled_fs, handled_net, scoped;
};

static struct ruleset everything(long abi)
{
    struct ruleset rules = {.handled_fs = FS_FIRST_ABI};
    rules.handled_fs |= (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
    rules.scoped = abi >= 6 ? SCOPE_SIGNAL : 0;
    return rules;
}

static int allow(int ruleset, int folder, uint64_t access)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = access, .parent_fd = folder};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int allow_proc(int ruleset)
{
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = proc < 0 ? 0 : allow(ruleset, proc, FS_READ);
    if (proc >= 0)
        close(proc);
    return result;
}

static int add_rules(int ruleset, uint64_t handled, int card, const struct confine_outside *outside,
                     bool debuggable)
{
    int failed = card >= 0 ? allow(ruleset, card, FS_CARD & handled) : 0;
    for (size_t i = 0; outside != NULL && i < outside->count && failed == 0; i++)
        failed = allow(ruleset, outside->folder[i], FS_READ);
    if (debuggable && failed == 0)
        failed = allow_proc(ruleset);
    return failed;
}

int confine_files(int card, const struct confine_outside *outside, bool debuggable)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 0)
        return errno;
    struct ruleset rules = everything(abi);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (ruleset < 0)
        return errno;
    bool done = add_rules(ruleset, rules.handled_fs, card, outside, debuggable) == 0 &&
                syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    int error = done ? 0 : errno;
    close(ruleset);
    return error;
}

/* -- folders outside of the card --------------------------------------------------------------------- */

static bool is_noted(const struct confine_outside *outside, int folder)
{
    struct stat new, old;
    if (fstat(folder, &new) != 0)
        return false;
    for (size_t i = 0; i < outside->count; i++)
        if (fstat(outside->folder[i], &old) == 0 && old.st_dev == new.st_dev && old.st_ino == new.st_ino)
            return true;
    return false;
}

/* Links may have led elsewhere than the setting says: /proc knows where the file is. */
static int folder_of(int fd)
{
    char link[40], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len <= 0)
        return -1;
    path[len] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return -1;
    slash[slash == path ? 1 : 0] = '\0';
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void confine_note(struct confine_outside *outside, int fd)
{
    if (outside->confined || outside->count == CONFINE_OUTSIDE)
        return;
    int folder = folder_of(fd);
    if (folder < 0)
        return;
    if (is_noted(outside, folder))
        close(folder);
    else
        outside->folder[outside->count++] = folder;
}

void confine_forget(struct confine_outside *outside)
{
    while (outside->count > 0)
        close(outside->folder[--outside->count]);
}
