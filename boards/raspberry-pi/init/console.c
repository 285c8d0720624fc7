#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

#define CONSOLES 4

static int consoles[CONSOLES];
static size_t count;

void console_open(void)
{
    char line[128] = "", path[140];
    FILE *file = fopen("/sys/class/tty/console/active", "re");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        strcpy(line, "console");
    if (file != NULL)
        fclose(file);
    for (char *rest = line, *name; count < CONSOLES && (name = strsep(&rest, " \n")) != NULL;) {
        if (name[0] == '\0')
            continue;
        snprintf(path, sizeof path, "/dev/%s", name);
        int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0)
            consoles[count++] = fd;
    }
}

void console_write(const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < len;) {
            ssize_t n = write(consoles[i], text + at, len - at);
            if (n <= 0)
                break;
            at += (size_t)n;
        }
}

void console_say(const char *format, ...)
{
    char line[400] = "init: ";
    va_list words;
    va_start(words, format);
    vsnprintf(line + 6, sizeof line - 7, format, words);
    va_end(words);
    strcat(line, "\n");
    console_write(line, strlen(line));
}
