/* blob.c - sealed copies of files, in memory that not even this program can change. */
#include "ports/linux/blob.h"

#include "ports/linux/card.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* 6.3 */
#endif

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* 6.1 */
#endif
#define HUGE_PAGE ((size_t)2 << 20)

struct linux_blob {
    struct port_blob blob; /* first, so that the app's pointer is ours */
    int fd;
    unsigned held;
    bool released;
    struct linux_blob *previous, *next;
};

static struct linux_blob *own_of(const struct port_blob *blob)
{
    return (struct linux_blob *)(uintptr_t)blob;
}

int blob_fd(const struct port_blob *blob)
{
    return own_of(blob)->fd;
}

/* What the system can still give, from "MemAvailable: N kB"; UINT64_MAX where it does not say. */
static uint64_t memory_left(void)
{
    unsigned long long kb;
    char line[128];
    uint64_t left = UINT64_MAX;
    FILE *file = fopen("/proc/meminfo", "re");
    if (file == NULL)
        return left;
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %llu kB", &kb) == 1)
            left = (uint64_t)kb * 1024;
    fclose(file);
    return left;
}

static int memory_file(void)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create("stagebox", flags | MFD_NOEXEC_SEAL);
    return fd < 0 && errno == EINVAL ? memfd_create("stagebox", flags) : fd;
}

/* Copies until the file's end, wherever that is by now. The count, or -1 with errno. */
static int64_t copy(int from, int to)
{
    int64_t total = 0;
    for (;;) {
        ssize_t count = sendfile(to, from, NULL, 1 << 22);
        if (count < 0 && errno != EINTR)
            return -1;
        if (count == 0)
            return total;
        total += count > 0 ? count : 0;
    }
}

static int seal(int fd)
{
    return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

/* Maps the copy, at an address where huge pages can be: frames of whole files then have one piece instead of one
 * for each 4 KB, which is a third of what sending costs. NULL: errno says why. */
static void *map(int fd, size_t size)
{
    uint8_t *room = mmap(NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), before = -(uintptr_t)room % HUGE_PAGE;
    size_t used = (size + page - 1) / page * page;
    uint8_t *data = mmap(room + before, size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd, 0);
    if (data == MAP_FAILED) {
        munmap(room, size + HUGE_PAGE);
        return NULL;
    }
    if (before > 0)
        munmap(room, before);
    munmap(data + used, HUGE_PAGE - before);
    madvise(data, size, MADV_COLLAPSE); /* all but the last part; without it, or the memory for it, it is slower */
    return data;
}

/* Fills the copy: 0 or an errno. */
static int fill(struct linux_blob *blob, int file)
{
    int64_t size = copy(file, blob->fd);
    if (size < 0 || seal(blob->fd) != 0)
        return errno;
    blob->blob.size = (uint64_t)size;
    blob->blob.data = size == 0 ? (const uint8_t *)"" : map(blob->fd, (size_t)size);
    return blob->blob.data == NULL ? errno : 0;
}

static int make(struct port *port, const char *path, int file, struct linux_blob **out)
{
    struct linux_blob *blob = calloc(1, sizeof *blob);
    if (blob == NULL)
        return fail(port, PORT_E_FULL, "no memory for %.200s", path);
    blob->fd = memory_file();
    int error = blob->fd < 0 ? errno : fill(blob, file);
    if (error == 0) {
        *out = blob;
        return 0;
    }
    if (blob->fd >= 0)
        close(blob->fd);
    free(blob);
    return card_fail(port, path, error);
}

int port_blob_open(struct port *port, const char *path, const struct port_blob **out)
{
    struct stat info;
    struct linux_blob *blob = NULL;
    int file = card_open_path(port, path, O_RDONLY, &info);
    if (file < 0)
        return file;
    int error = 0;
    if ((uint64_t)info.st_size > memory_left() / 4 * 3)
        error = fail(port, PORT_E_FULL, "%.200s does not fit into this machine's memory", path);
    if (error == 0)
        error = make(port, path, file, &blob);
    close(file);
    if (error != 0)
        return error;
    blob->next = port->blobs;
    if (port->blobs != NULL)
        port->blobs->previous = blob;
    port->blobs = blob;
    *out = &blob->blob;
    return 0;
}

static void discard(struct port *port, struct linux_blob *own)
{
    *(own->previous != NULL ? &own->previous->next : &port->blobs) = own->next;
    if (own->next != NULL)
        own->next->previous = own->previous;
    if (own->blob.size > 0)
        munmap((void *)(uintptr_t)own->blob.data, (size_t)own->blob.size);
    close(own->fd);
    free(own);
}

void port_blob_release(struct port *port, const struct port_blob *blob)
{
    own_of(blob)->released = true;
    if (own_of(blob)->held == 0)
        discard(port, own_of(blob));
}

const struct port_blob *blob_hold(const struct port_blob *blob)
{
    own_of(blob)->held++;
    return blob;
}

void blob_let_go(struct port *port, const struct port_blob *blob)
{
    struct linux_blob *own = own_of(blob);
    if (--own->held == 0 && own->released)
        discard(port, own);
}

void blobs_stop(struct port *port)
{
    while (port->blobs != NULL)
        discard(port, port->blobs);
}
