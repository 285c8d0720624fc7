#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

static void load(const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "/modules/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST && errno != ENODEV))
        console_say("the driver %s does not load: %s", name, strerror(errno));
    if (fd >= 0)
        close(fd);
}

void modules_load(void)
{
    char line[128];
    FILE *order = fopen("/modules/order", "re");
    while (order != NULL && fgets(line, sizeof line, order) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        load(line);
    }
    if (order != NULL)
        fclose(order);
}
