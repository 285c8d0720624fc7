/* files.c - listing, reading and replacing files of the card. */
#include "ports/linux/card.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static void describe(const struct stat *info, const char *name, struct port_file *out)
{
    uint64_t stamp = mix(mix((uint64_t)info->st_ino, (uint64_t)info->st_size), (uint64_t)info->st_dev);
    stamp = mix(mix(stamp, (uint64_t)info->st_mtim.tv_sec), (uint64_t)info->st_mtim.tv_nsec);
    stamp = mix(mix(stamp, (uint64_t)info->st_ctim.tv_sec), (uint64_t)info->st_ctim.tv_nsec);
    snprintf(out->name, sizeof out->name, "%.*s", PORT_NAME_MAX - 1, name);
    out->size = (uint64_t)info->st_size;
    out->stamp = stamp;
    out->modified_s = info->st_mtim.tv_sec > 0 ? (int64_t)info->st_mtim.tv_sec : 0;
    out->not_a_file = false;
}

static bool is_temporary(const char *name)
{
    size_t len = strlen(name), end = strlen(CARD_TEMPORARY);
    return name[0] == '.' && len > end && strcmp(name + len - end, CARD_TEMPORARY) == 0;
}

static bool is_folder_itself(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* What a name of a folder is, links followed as far as they may lead. */
static bool look(int dir, bool absolute, const char *name, struct stat *info)
{
    int flags = O_PATH | O_CLOEXEC;
    int fd = absolute ? openat(dir, name, flags) : card_open_beneath(dir, name, flags);
    if (fd < 0)
        return false;
    bool found = fstat(fd, info) == 0 && S_ISREG(info->st_mode);
    close(fd);
    return found;
}

int port_list(struct port *port, const char *dir, bool (*each)(void *ctx, const struct port_file *file), void *ctx)
{
    bool absolute, more = true;
    int count = 0, fd = card_open_folder(port, dir, &absolute);
    if (fd < 0)
        return fd;
    DIR *names = fdopendir(fd);
    if (names == NULL) {
        close(fd);
        return fail(port, PORT_E_FULL, "no memory to list %.200s", dir);
    }
    for (struct dirent *entry; more && (entry = readdir(names)) != NULL;) {
        struct stat info;
        struct port_file file = {.not_a_file = true};
        if (strlen(entry->d_name) >= PORT_NAME_MAX || is_temporary(entry->d_name) || is_folder_itself(entry->d_name))
            continue;
        if (look(dirfd(names), absolute, entry->d_name, &info))
            describe(&info, entry->d_name, &file);
        else
            strcpy(file.name, entry->d_name);
        count++;
        more = each(ctx, &file);
    }
    closedir(names);
    return count;
}

int port_stat(struct port *port, const char *path, struct port_file *out)
{
    struct card_place place;
    struct stat info;
    int result = card_find(port, path, false, &place);
    if (result != 0)
        return result;
    result = card_open(port, &place, path, O_PATH, &info);
    if (result >= 0) {
        close(result);
        describe(&info, place.name, out);
        result = 0;
    }
    card_leave(&place);
    return result;
}

/* Fills `buf` as far as the file reaches. The count, or -1 with errno. */
static ssize_t read_at(int fd, uint64_t off, uint8_t *buf, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(fd, buf + done, len - done, (off_t)(off + done));
        if (count < 0 && errno != EINTR)
            return -1;
        if (count == 0)
            break;
        done += count > 0 ? (size_t)count : 0;
    }
    return (ssize_t)done;
}

int port_read(struct port *port, const char *path, uint64_t off, void *buf, size_t len)
{
    struct stat info;
    int fd = card_open_path(port, path, O_RDONLY, &info);
    if (fd < 0)
        return fd;
    if (off > INT64_MAX - INT32_MAX)
        off = INT64_MAX - INT32_MAX; /* past every end */
    ssize_t count = read_at(fd, off, buf, len < INT32_MAX ? len : INT32_MAX);
    int error = errno;
    close(fd);
    return count >= 0 ? (int)count : card_fail(port, path, error);
}

static int write_all(int fd, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = write(fd, (const uint8_t *)data + done, len - done);
        if (count < 0 && errno != EINTR)
            return errno;
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* Who could read the old file can read the new one. */
static void keep_mode(const struct card_place *place, int fd)
{
    struct stat old;
    card_give_to_owner(place->dir, fd);
    if (fstatat(place->dir, place->name, &old, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(old.st_mode))
        return;
    if (fchown(fd, old.st_uid, old.st_gid) != 0)
        return; /* not ours to give: the mode stays narrow, too */
    fchmod(fd, old.st_mode & 0777);
}

static int sync_folder(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    close(fd);
    return error;
}

/* Writes `temporary` beside the file, whole and on the medium, and only then gives it the name. */
static int write_beside(const struct card_place *place, const char *temporary, const void *data, size_t len)
{
    unlinkat(place->dir, temporary, 0); /* of a write that a power cut ended */
    int fd = openat(place->dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    int error = write_all(fd, data, len);
    keep_mode(place, fd);
    if (error == 0 && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && renameat(place->dir, temporary, place->dir, place->name) != 0)
        error = errno;
    if (error == 0)
        return sync_folder(place->dir);
    unlinkat(place->dir, temporary, 0);
    return error;
}

int port_replace(struct port *port, const char *path, const void *data, size_t len)
{
    struct card_place place;
    char temporary[NAME_MAX + 32];
    struct stat old;
    int error = card_find(port, path, true, &place);
    if (error != 0)
        return error;
    snprintf(temporary, sizeof temporary, ".%s" CARD_TEMPORARY, place.name);
    if (place.name[0] == '\0' || strlen(temporary) > NAME_MAX)
        error = ENAMETOOLONG;
    else if (fstatat(place.dir, place.name, &old, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(old.st_mode))
        error = EISDIR;
    else
        error = write_beside(&place, temporary, data, len);
    card_leave(&place);
    if (error == EISDIR)
        return fail(port, PORT_E_ACCESS, "%.200s is a folder, a link or a device: only files are replaced", path);
    return error == 0 ? 0 : card_fail(port, path, error);
}

int port_room(struct port *port, uint64_t *free_bytes, uint64_t *size)
{
    struct statvfs info;
    int fd = openat(port->card, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstatvfs(fd, &info) != 0) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return card_fail(port, "the card", error);
    }
    close(fd);
    *free_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    *size = (uint64_t)info.f_blocks * info.f_frsize;
    return 0;
}
