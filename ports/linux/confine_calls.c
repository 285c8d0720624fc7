#include "ports/linux/confine.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__ARM_EABI__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__mips__) && _MIPS_SIM == _ABIO32 && __BYTE_ORDER == __LITTLE_ENDIAN
#define ARCHITECTURE AUDIT_ARCH_MIPSEL
#elif defined(__mips__) && _MIPS_SIM == _ABIO32
#define ARCHITECTURE AUDIT_ARCH_MIPS
#endif

#ifdef ARCHITECTURE
#define X32_BIT 0x40000000u /* x86-64 numbers from here on are those of x32 */
#define LOW_HALF (__BYTE_ORDER == __BIG_ENDIAN ? 4u : 0u)
#define ARGUMENT(n) ((uint32_t)offsetof(struct seccomp_data, args) + 8u * (n) + LOW_HALF)

/* Not every architecture has every call, and not every header knows the newest. */
static const int calls[] = {
    /* the loop, sockets and files that are open */
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_close,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_accept4,
    SYS_bind,
    SYS_listen,
    SYS_connect,
    SYS_shutdown,
    SYS_getsockname,
    SYS_getpeername,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_sendto,
    SYS_sendmsg,
    SYS_sendmmsg,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_recvmmsg,
    SYS_sendfile,
    SYS_ioctl,
    SYS_eventfd2,
    SYS_signalfd4,
    SYS_ppoll,
    SYS_dup3,
    /* the card */
    SYS_openat,
    SYS_openat2,
    SYS_getdents64,
    SYS_fstat,
    SYS_statx,
    SYS_fsync,
    SYS_fdatasync,
    SYS_ftruncate,
    SYS_fallocate,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_renameat2,
    SYS_fchown,
    SYS_fchmod,
    SYS_readlinkat,
    SYS_faccessat,
    SYS_memfd_create,
    SYS_lseek,
    /* memory, time, threads, signals */
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,

    SYS_nanosleep,

    SYS_getrandom,
    SYS_futex,
    SYS_set_robust_list,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_membarrier,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_getpid,
    SYS_gettid,
    SYS_tgkill,
    SYS_exit,
    SYS_exit_group,
    SYS_setpriority,
    SYS_getrusage,
    /* rights, which can only get less; the network's for the address at the end */
    SYS_capget,
    SYS_capset,
    SYS_prctl,
    SYS_landlock_create_ruleset,
    SYS_landlock_restrict_self,
    SYS_geteuid,
    SYS_getuid,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_clock_gettime
    SYS_clock_gettime,
    SYS_clock_settime,
    SYS_clock_nanosleep,
    SYS_gettimeofday,
    SYS_timerfd_settime,
#else /* musl's names where time has 32 bits */
    SYS_clock_gettime32,
    SYS_clock_settime32,
    SYS_clock_nanosleep_time32,
    SYS_gettimeofday_time32,
    SYS_timerfd_settime32,
#endif
#ifdef SYS_clock_gettime64
    SYS_clock_gettime64,
    SYS_clock_settime64,
    SYS_clock_nanosleep_time64,
    SYS_futex_time64,
    SYS_timerfd_settime64,
    SYS_recvmmsg_time64,
    SYS_ppoll_time64,
#endif
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
    SYS_poll,
    SYS_stat,
    SYS_lstat,
    SYS_open,
    SYS_readlink,
    SYS_access,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_fstatat64
    SYS_fstatat64,
    SYS_fstat64,
#endif
#ifdef SYS_fstatfs
    SYS_fstatfs,
#endif
#ifdef SYS_fstatfs64
    SYS_fstatfs64,
#endif
#ifdef SYS_fcntl
    SYS_fcntl,
#endif
#ifdef SYS_fcntl64
    SYS_fcntl64,
#endif
#ifdef SYS__llseek
    SYS__llseek,
#endif
#ifdef SYS_ftruncate64
    SYS_ftruncate64,
#endif
#ifdef SYS_sendfile64
    SYS_sendfile64,
#endif
#ifdef SYS_recv
    SYS_recv,
    SYS_send,
#endif
#ifdef SYS_sigreturn
    SYS_sigreturn,
#endif
#ifdef SYS_geteuid32
    SYS_geteuid32,
    SYS_getuid32,
    SYS_fchown32,
#endif
#ifdef __ARM_NR_cacheflush
    __ARM_NR_set_tls,
#endif
#ifdef SYS_set_thread_area
    SYS_set_thread_area,
#endif
#ifdef SYS_time
    SYS_time,
#endif
};
/* AddressSanitizer's reports, and LeakSanitizer's look at the other threads at the end. */
static const int debug_calls[] = {
    SYS_ptrace,   SYS_wait4, SYS_clone, SYS_kill, SYS_getppid, SYS_uname, SYS_prlimit64,
#ifdef SYS_getdents
    SYS_getdents,
#endif
};

#define FILTER_MAX (2 * (sizeof calls + sizeof debug_calls) / sizeof(int) + 64)

struct program {
    struct sock_filter code[FILTER_MAX];
    unsigned short len;
};

static void put(struct program *p, struct sock_filter instruction)
{
    p->code[p->len++] = instruction;
}

static void load(struct program *p, uint32_t offset)
{
    put(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void answer(struct program *p, uint32_t action)
{
    put(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* Where the loaded word compares so, `action` is the answer. */
static void when(struct program *p, uint16_t comparison, uint32_t value, uint32_t action)
{
    put(p, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | comparison | BPF_K), value, 0, 1));
    answer(p, action);
}

static uint32_t refuse(int error)
{
    return SECCOMP_RET_ERRNO | (uint32_t)error;
}

/* For call `number`: allowed where the argument has one of the n values. */
static void allow_values(struct program *p, int number, unsigned argument, const uint32_t *values, unsigned char n)
{
    unsigned char body = (unsigned char)(2 * n + 2);
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, body));
    load(p, ARGUMENT(argument));
    for (unsigned i = 0; i < n; i++)
        when(p, BPF_JEQ, values[i], SECCOMP_RET_ALLOW);
    answer(p, refuse(EPERM));
}

/* For call `number`: allowed where the bits of the argument are as `set` says: all there, or all absent. */
static void allow_bits(struct program *p, int number, unsigned argument, uint32_t bits, bool set)
{
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 4));
    load(p, ARGUMENT(argument));
    when(p, BPF_JSET, bits, set ? SECCOMP_RET_ALLOW : refuse(EPERM));
    answer(p, set ? refuse(EPERM) : SECCOMP_RET_ALLOW);
}

static void allow_calls(struct program *p, const int *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        when(p, BPF_JEQ, (uint32_t)numbers[i], SECCOMP_RET_ALLOW);
}

static void write_program(struct program *p, bool debuggable)
{
    static const uint32_t families[] = {AF_INET, AF_UNIX, AF_NETLINK};
    load(p, offsetof(struct seccomp_data, arch));
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    answer(p, SECCOMP_RET_KILL_PROCESS);
    load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    when(p, BPF_JGE, X32_BIT, refuse(EPERM));
#endif
    allow_calls(p, calls, sizeof calls / sizeof *calls);
    if (debuggable)
        allow_calls(p, debug_calls, sizeof debug_calls / sizeof *debug_calls);
    when(p, BPF_JEQ, SYS_clone3, refuse(ENOSYS)); /* its flags cannot be seen; libc then takes clone */
    allow_bits(p, SYS_clone, 0, CLONE_THREAD, true);
#ifdef SYS_mmap
    allow_bits(p, SYS_mmap, 2, PROT_EXEC, false);
#endif
#ifdef SYS_mmap2
    allow_bits(p, SYS_mmap2, 2, PROT_EXEC, false);
#endif
    allow_bits(p, SYS_mprotect, 2, PROT_EXEC, false);
    allow_values(p, SYS_socket, 0, families, sizeof families / sizeof *families);
    answer(p, refuse(EPERM));
}

#ifndef SECCOMP_FILTER_FLAG_LOG
#define SECCOMP_FILTER_FLAG_LOG 2u
#endif

/* The kernel's log tells of what was refused, and by which call: kernels before 4.14 cannot. */
static long set_filter(const struct sock_fprog *filter)
{
    unsigned flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG;
    long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, filter);
    if (failed < 0 && errno == EINVAL)
        failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, filter);
    return failed;
}

int confine_calls(bool debuggable)
{
    struct program program = {.len = 0};
    write_program(&program, debuggable);
    struct sock_fprog filter = {.len = program.len, .filter = program.code};
    long failed = set_filter(&filter);
    return failed == 0 ? 0 : failed > 0 ? EBUSY : errno;
}
#else
int confine_calls(bool debuggable)
{
    (void)debuggable;
    return ENOSYS;
}
#endif
