/* files.c - the fake card. */
#include "test/unit/fake_port/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool same(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]) || a[i] == '\0')
            return i > 0 && lower(a[i]) == lower(b[i]);
    return true;
}

/* Without "." and doubled '/'. */
static void normal(const char *path, char out[FAKE_PATH_MAX])
{
    size_t len = 0;
    if (path[0] == '/')
        out[len++] = '/';
    while (*path != '\0') {
        size_t part = strcspn(path, "/");
        if (part > 0 && !(part == 1 && path[0] == '.')) {
            fake_check(len + part + 2 < FAKE_PATH_MAX, "path too long");
            memcpy(out + len, path, part);
            len += part;
            if (path[part] == '/')
                out[len++] = '/';
        }
        path += part + (path[part] == '/');
    }
    out[len] = '\0';
}

static bool goes_up(const char *path)
{
    for (; *path != '\0'; path += strcspn(path, "/"), path += *path == '/')
        if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || path[2] == '\0'))
            return true;
    return false;
}

static struct fake_file *find_normal(const struct port *port, const char *path)
{
    for (struct fake_file *file = port->files; file != NULL; file = file->next)
        if (strlen(file->path) == strlen(path) && same(file->path, path, strlen(path)))
            return file;
    return NULL;
}

struct fake_file *fake_find(const struct port *port, const char *path)
{
    char name[FAKE_PATH_MAX];
    normal(path, name);
    return find_normal(port, name);
}

/* The length of "dir/" if some file or folder lies in it, -1 otherwise; 0 for the card's folder. */
static int folder(const struct port *port, const char *path, char dir[FAKE_PATH_MAX])
{
    normal(path, dir);
    size_t len = strlen(dir);
    if (len == 0)
        return 0;
    if (dir[len - 1] != '/')
        snprintf(dir + len++, 2, "/");
    for (const struct fake_file *file = port->files; file != NULL; file = file->next)
        if (strlen(file->path) >= len && same(file->path, dir, len))
            return (int)len;
    return -1;
}

int fake_path_check(struct port *port, const char *path, struct fake_file **out)
{
    char sentence[FAKE_PATH_MAX + 40], dir[FAKE_PATH_MAX];
    struct fake_file *file = fake_find(port, path);
    if (goes_up(path) || (file != NULL && file->outside) || (file == NULL && folder(port, path, dir) >= 0)) {
        snprintf(sentence, sizeof sentence, "%.200s is not a file of the card", path);
        return fake_error(port, PORT_E_ACCESS, sentence);
    }
    *out = file;
    if (file != NULL)
        return 0;
    snprintf(sentence, sizeof sentence, "%.200s is not there", path);
    return fake_error(port, PORT_E_NOENT, sentence);
}

static void stamp(struct port *port, struct fake_file *file)
{
    file->stamp = ++port->stamp;
    file->modified_s = port->wall_set ? (port->wall_less_now + (int64_t)port->now) / 1000 : 0;
}

void fake_bytes_set(struct fake_bytes *bytes, const void *data, size_t len)
{
    uint8_t *copy = fake_alloc(len + 1);
    if (len > 0)
        memcpy(copy, data, len);
    free(bytes->data);
    bytes->data = copy;
    bytes->len = len;
}

struct fake_file *fake_make(struct port *port, const char *path)
{
    struct fake_file *file = fake_find(port, path);
    if (file == NULL) {
        file = fake_alloc(sizeof *file);
        normal(path, file->path);
        struct fake_file **end = &port->files;
        while (*end != NULL)
            end = &(*end)->next;
        *end = file;
        fake_bytes_set(&file->content, NULL, 0);
    }
    stamp(port, file);
    return file;
}

void fake_file(struct port *port, const char *path, const void *data, size_t len)
{
    struct fake_file *file = fake_make(port, path);
    file->outside = false;
    fake_bytes_set(&file->content, data, len);
    if (file->has_durable)
        fake_bytes_set(&file->durable, data, len);
}

void fake_file_text(struct port *port, const char *path, const char *text)
{
    fake_file(port, path, text, strlen(text));
}

void fake_file_link_outside(struct port *port, const char *path)
{
    fake_make(port, path)->outside = true;
}

static void file_free(struct fake_file *file)
{
    free(file->content.data);
    free(file->durable.data);
    free(file);
}

void fake_file_remove(struct port *port, const char *path)
{
    struct fake_file *file = fake_find(port, path), **at = &port->files;
    fake_check(file != NULL, "fake_file_remove() of a file that is not there");
    for (struct port_store *store = port->stores; store != NULL; store = store->next)
        fake_check(store->closed || store->file != file, "fake_file_remove() of an open store");
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    file_free(file);
}

const char *fake_file_get(const struct port *port, const char *path, size_t *len)
{
    const struct fake_file *file = fake_find(port, path);
    if (file == NULL)
        return NULL;
    if (len != NULL)
        *len = file->content.len;
    return (const char *)file->content.data;
}

void fake_card_room(struct port *port, uint64_t bytes)
{
    port->room = bytes;
}

static void describe(const struct fake_file *file, struct port_file *out)
{
    const char *slash = strrchr(file->path, '/');
    snprintf(out->name, sizeof out->name, "%.*s", PORT_NAME_MAX - 1, slash != NULL ? slash + 1 : file->path);
    out->size = file->content.len;
    out->stamp = file->stamp;
    out->modified_s = file->modified_s;
    out->not_a_file = false;
}

static bool listed(const struct fake_file *file, const char *dir, size_t len)
{
    if (strlen(file->path) <= len || !same(file->path, dir, len))
        return false;
    const char *name = file->path + len;
    return strchr(name, '/') == NULL && strlen(name) < PORT_NAME_MAX;
}

static struct port_file not_a_file(const struct port_file *file)
{
    struct port_file out = {.not_a_file = true};
    strcpy(out.name, file->name);
    return out;
}

int port_list(struct port *port, const char *dir, bool (*each)(void *ctx, const struct port_file *file), void *ctx)
{
    char name[FAKE_PATH_MAX];
    int error = fake_planned(port, FAKE_LIST), count = 0;
    if (error != 0)
        return error;
    if (goes_up(dir))
        return fake_error(port, PORT_E_ACCESS, "a path may not go up");
    int len = folder(port, dir, name);
    if (len < 0)
        return fake_error(port, PORT_E_NOENT, "there is no such folder");
    for (const struct fake_file *file = port->files; file != NULL; file = file->next) {
        struct port_file info;
        if (!listed(file, name, (size_t)len))
            continue;
        describe(file, &info);
        if (file->outside)
            info = not_a_file(&info);
        count++;
        if (!each(ctx, &info))
            break;
    }
    return count;
}

int port_stat(struct port *port, const char *path, struct port_file *out)
{
    struct fake_file *file;
    int error = fake_planned(port, FAKE_STAT);
    if (error == 0)
        error = fake_path_check(port, path, &file);
    if (error == 0)
        describe(file, out);
    return error;
}

int port_read(struct port *port, const char *path, uint64_t off, void *buf, size_t len)
{
    struct fake_file *file;
    int error = fake_planned(port, FAKE_READ);
    if (error == 0)
        error = fake_path_check(port, path, &file);
    if (error != 0)
        return error;
    if (off >= file->content.len)
        return 0;
    size_t left = file->content.len - (size_t)off, count = len < left ? len : left;
    memcpy(buf, file->content.data + off, count);
    return (int)count;
}

int port_room(struct port *port, uint64_t *free_bytes, uint64_t *size)
{
    *free_bytes = port->room;
    *size = UINT64_C(1) << 30;
    return fake_planned(port, FAKE_ROOM);
}

int port_replace(struct port *port, const char *path, const void *data, size_t len)
{
    struct fake_file *file;
    int error = fake_planned(port, FAKE_REPLACE);
    if (error == 0)
        error = fake_path_check(port, path, &file);
    if (error != 0 && error != PORT_E_NOENT)
        return error;
    if (len > port->room)
        return fake_error(port, PORT_E_FULL, "the card is full");
    if (port->room != UINT64_MAX)
        port->room -= len;
    port->seq++;
    fake_file(port, path, data, len);
    return 0;
}
