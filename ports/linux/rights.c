/* rights.c - what the box may still do once its listeners stand.
 *
 * All capabilities go, out of the bounding set too, and no program that is started may gain any.
 * Two may stay:
 * - CAP_DAC_OVERRIDE, where the box is root: the card's files may belong to anybody, and keys of absolute
 *   paths to others; a reload reads them again. Which files there are left to read is Landlock's affair.
 * - CAP_NET_ADMIN, where the box put its address on the interface, to take it away at the end: permitted,
 *   but not effective until then.
 * The user id stays: who is root keeps 0, but without capabilities that is little more than the owner
 * of root's files. */
#include "ports/linux/internal.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

static uint32_t bit(unsigned capability)
{
    return 1u << (capability & 31);
}

static int get(struct __user_cap_data_struct data[WORDS])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    return (int)syscall(SYS_capget, &header, data);
}

static int set(const struct __user_cap_data_struct data[WORDS])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    return (int)syscall(SYS_capset, &header, data);
}

/* Without CAP_SETPCAP the bounding set cannot be narrowed, and does not matter: no new privileges. */
static void narrow_bounding_set(void)
{
    for (unsigned capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

int rights_drop(bool keep_files, bool keep_network)
{
    struct __user_cap_data_struct data[WORDS];
    if (get(data) != 0)
        return errno;
    uint32_t files = keep_files ? data[0].permitted & bit(CAP_DAC_OVERRIDE) : 0;
    uint32_t network = keep_network ? data[0].permitted & bit(CAP_NET_ADMIN) : 0;
    narrow_bounding_set();
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    memset(data, 0, sizeof data);
    data[0].effective = files;
    data[0].permitted = files | network;
    if (set(data) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    return 0;
}

void rights_raise_network(void)
{
    struct __user_cap_data_struct data[WORDS];
    if (get(data) != 0)
        return;
    data[0].effective |= data[0].permitted & bit(CAP_NET_ADMIN);
    set(data);
}

void rights_of_thread(void)
{
    rights_drop(false, false); /* a thread has its own */
    confine_files(-1, NULL, false);
}

/* What this kernel does not have is told, and the box goes on without it. */
static void tell(struct port *port, const char *what, const char *instead, int error)
{
    char line[200];
    if (error == 0)
        return;
    snprintf(line, sizeof line, "%s is not to be had here (%s): %s", what, strerror(error), instead);
    port_log(port, PORT_INFO, line);
}

int port_drop_rights(struct port *port)
{
    bool debuggable = port->options.debuggable;
    int error = rights_drop(geteuid() == 0, port->interface.put_address);
    if (error != 0)
        return fail(port, PORT_E_SYSTEM, "rights that are not needed any more cannot be given up: %s",
                    strerror(error));
    if (port->options.unconfined)
        return 0;
    error = confine_files(port->card, &port->outside, debuggable);
    tell(port, "Landlock", "other files of this machine are guarded by their owners and modes alone", error);
    port->outside.confined = error == 0;
    confine_forget(&port->outside);
    tell(port, "seccomp", "every system call stays possible", confine_calls(debuggable));
    return 0;
}
