/* confine.h - what the program may still touch once its listeners stand: files, system calls, its memory's copies.
 */
#ifndef STAGEBOX_PORTS_LINUX_CONFINE_H
#define STAGEBOX_PORTS_LINUX_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/* -- confine_files.c: Landlock -------------------------------------------------------------------- */

#define CONFINE_OUTSIDE 16 /* folders outside of the card that settings may name */

/* Folders, open with O_PATH, whose files may still be read. The owner closes them by confine_forget(). */
struct confine_outside {
    int folder[CONFINE_OUTSIDE];
    size_t count;
    bool confined; /* other files are out of reach by now, and nothing is noted any more */
};
/* Notes the folder in which the file open as `fd` lies. Folders past CONFINE_OUTSIDE are not noted. */
void confine_note(struct confine_outside *outside, int fd);
void confine_forget(struct confine_outside *outside);
/* From now on the calling thread, and what it starts, reads and writes below the folder `card` (O_PATH, -1:
 * nowhere), reads in `outside` (may be NULL), and opens no other file. `debuggable`: /proc, too. What is open stays
 * open. Wants PR_SET_NO_NEW_PRIVS. 0, or an errno: ENOSYS or EOPNOTSUPP where the kernel has no Landlock. */
int confine_files(int card, const struct confine_outside *outside, bool debuggable);

/* -- confine_calls.c: seccomp --------------------------------------------------------------------- */

/* All threads of the process can make only the system calls that a box with its listeners up needs; others fail
 * with EPERM, calls for another architecture end the process. Memory can no longer be made executable, no process
 * started, no socket opened but of AF_INET, AF_UNIX and AF_NETLINK. `debuggable`: what sanitizers need, too. Wants
 * PR_SET_NO_NEW_PRIVS. 0, or an errno: ENOSYS or EINVAL where the kernel has no filters or this is an architecture
 * without a table. */
int confine_calls(bool debuggable);

/* -- confine_memory.c ------------------------------------------------------------------------------ */

/* No core file, and no debugger or other process of the same user may read the memory, from now on. */
void confine_memory(void);

#endif
