#include "ports/linux/confine.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void confine_memory(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
