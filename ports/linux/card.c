/* card.c - from a path to an open file, without leaving the card's folder.
 *
 * A path is walked name by name, since names compare without case. Each step is an openat2() that
 * cannot leave the folder it starts in, so a link leads to what lies in or below its own folder, or
 * nowhere. */
#include "ports/linux/card.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define OPEN_TRIES 8 /* EAGAIN: somebody renames on the card just now */

int card_fail(struct port *port, const char *path, int error)
{
    switch (error) {
    case EXDEV:
    case ELOOP:
        return fail(port, PORT_E_ACCESS, "%.200s is a link that leads out of its folder: copy the file instead",
                    path);
    case ENOENT:
    case ENOTDIR:
        return fail(port, PORT_E_NOENT, "%.200s is not there", path);
    case EACCES:
    case EPERM:
        if (path[0] == '/' && port->outside.confined)
            return fail(port, PORT_E_ACCESS,
                        "%.200s lies outside of the card's folder and was not read at start: start stagebox again",
                        path);
        return fail(port, PORT_E_ACCESS, "no right to %.200s: check its owner and mode, or run as root", path);
    case EROFS:
        return fail(port, PORT_E_ACCESS, "%.200s cannot be written: the card is read-only", path);
    case ENOSPC:
    case EDQUOT:
        return fail(port, PORT_E_FULL, "no room for %.200s: the card is full", path);
    default:
        return fail(port, error_of(error), "%.200s: %s", path, strerror(error));
    }
}

bool card_same_name(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        int x = *a >= 'A' && *a <= 'Z' ? *a + 32 : *a, y = *b >= 'A' && *b <= 'Z' ? *b + 32 : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

/* Before Linux 5.6, or where a container forbids openat2(): links are refused altogether. */
static int open_without_links(int dir, const char *name, int flags)
{
    struct stat info;
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode)) {
        errno = ELOOP;
        return -1;
    }
    return openat(dir, name, flags | O_NOFOLLOW, 0600);
}

int card_open_beneath(int dir, const char *name, int flags)
{
    struct open_how how = {.flags = (uint64_t)(unsigned)flags,
                           .mode = (flags & O_CREAT) != 0 ? 0600 : 0,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    for (int i = 0; i < OPEN_TRIES; i++) {
        int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
        if (fd >= 0)
            return fd;
        if (errno == ENOSYS || errno == EPERM)
            return open_without_links(dir, name, flags);
        if (errno != EAGAIN && errno != EINTR)
            return -1;
    }
    return -1;
}

/* Spells `name` as the folder does; left as it is where the folder has no such name. Of several that
 * differ in case only, the exact one counts, else the first in the alphabet. */
static void spell(int dir, char name[NAME_MAX + 1])
{
    struct stat info;
    char best[NAME_MAX + 1] = "";
    if (fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        return;
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = fd >= 0 ? fdopendir(fd) : NULL;
    if (names == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(names)) != NULL;)
        if (card_same_name(entry->d_name, name) && (best[0] == '\0' || strcmp(entry->d_name, best) < 0))
            memcpy(best, entry->d_name, strlen(entry->d_name) + 1);
    closedir(names);
    if (best[0] != '\0')
        memcpy(name, best, sizeof best);
}

void card_give_to_owner(int dir, int fd)
{
    struct stat folder, made;
    if (fstat(dir, &folder) != 0 || fstat(fd, &made) != 0 || folder.st_uid == made.st_uid)
        return;
    if (fchown(fd, folder.st_uid, folder.st_gid) != 0)
        return; /* then it stays ours */
}

static int make_folder(int dir, const char *name)
{
    if (mkdirat(dir, name, 0700) != 0)
        return -1;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    card_give_to_owner(dir, fd);
    close(fd);
    fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* the folder's name, for a power cut */
        close(fd);
    }
    return card_open_beneath(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Goes from place->dir into the folder place->name. 0 or an errno. */
static int enter(struct card_place *place, bool make)
{
    spell(place->dir, place->name);
    int next = card_open_beneath(place->dir, place->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (next < 0 && errno == ENOENT && make)
        next = make_folder(place->dir, place->name);
    if (next < 0)
        return errno;
    close(place->dir);
    place->dir = next;
    return 0;
}

/* Past '/' and "." at the beginning. */
static const char *skip_nothing(const char *path)
{
    while (*path == '/' || (path[0] == '.' && (path[1] == '/' || path[1] == '\0')))
        path++;
    return path;
}

static int set_name(struct card_place *place, const char *name, size_t len)
{
    if (len == 2 && memcmp(name, "..", 2) == 0)
        return EXDEV;
    if (len > NAME_MAX)
        return ENOENT; /* no card has it */
    memcpy(place->name, name, len);
    place->name[len] = '\0';
    return 0;
}

static int walk(struct port *port, const char *path, bool make, struct card_place *place)
{
    place->dir = openat(port->card, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place->dir < 0)
        return errno;
    for (path = skip_nothing(path); *path != '\0';) {
        size_t len = strcspn(path, "/");
        int error = set_name(place, path, len);
        path = skip_nothing(path + len);
        if (error == 0 && *path != '\0')
            error = enter(place, make);
        if (error != 0)
            return error;
    }
    spell(place->dir, place->name);
    return 0;
}

/* A path that a setting names from the root on is used as it is. */
static int go_absolute(const char *path, struct card_place *place)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = (size_t)(slash - path) + 1;
    if (len >= sizeof folder || strlen(slash + 1) > NAME_MAX)
        return ENAMETOOLONG;
    memcpy(folder, path, len);
    folder[len] = '\0';
    memcpy(place->name, slash + 1, strlen(slash + 1) + 1);
    place->absolute = true;
    place->dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return place->dir < 0 ? errno : 0;
}

int card_find(struct port *port, const char *path, bool make, struct card_place *out)
{
    *out = (struct card_place){.dir = -1};
    int error = path[0] == '/' ? go_absolute(path, out) : walk(port, path, make, out);
    if (error == 0)
        return 0;
    card_leave(out);
    if (error == EXDEV && strstr(path, "..") != NULL)
        return fail(port, PORT_E_ACCESS, "%.200s leads out of the card's folder", path);
    return card_fail(port, path, error);
}

void card_leave(struct card_place *place)
{
    if (place->dir >= 0)
        close(place->dir);
    place->dir = -1;
}

int card_open(struct port *port, const struct card_place *place, const char *path, int flags, struct stat *info)
{
    const char *name = place->name[0] != '\0' ? place->name : ".";
    flags |= O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY); /* a FIFO must not stop the box */
    int fd = place->absolute ? openat(place->dir, name, flags, 0600) : card_open_beneath(place->dir, name, flags);
    if (fd < 0 && errno != EISDIR && errno != ENXIO)
        return card_fail(port, path, errno);
    if (fd >= 0 && fstat(fd, info) == 0 && S_ISREG(info->st_mode)) {
        if (place->absolute)
            confine_note(&port->outside, fd);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return fail(port, PORT_E_ACCESS, "%.200s is no regular file", path);
}

int card_open_path(struct port *port, const char *path, int flags, struct stat *info)
{
    struct card_place place;
    int result = card_find(port, path, false, &place);
    if (result != 0)
        return result;
    result = card_open(port, &place, path, flags, info);
    card_leave(&place);
    return result;
}

int card_open_folder(struct port *port, const char *path, bool *absolute)
{
    struct card_place place;
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, fd = card_find(port, path, false, &place);
    if (fd != 0)
        return fd;
    *absolute = place.absolute;
    const char *name = place.name[0] != '\0' ? place.name : ".";
    fd = place.absolute ? openat(place.dir, name, flags) : card_open_beneath(place.dir, name, flags);
    int error = errno;
    card_leave(&place);
    return fd >= 0 ? fd : card_fail(port, path, error);
}
