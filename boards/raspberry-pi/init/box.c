#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

#define AGAIN_S 5 /* between two starts */

struct box {
    sigset_t signals;
    int signal_fd;
    int output; /* what stagebox says; -1 where its end has been read */
    pid_t pid;  /* 0: it does not run */
    int stop;   /* the signal that ends it all; 0: none */
};

static void run(struct box *box)
{
    int pipe_fds[2];
    if (pipe(pipe_fds) != 0)
        return;
    box->pid = fork();
    if (box->pid == 0) {
        sigprocmask(SIG_UNBLOCK, &box->signals, NULL);
        dup2(pipe_fds[1], STDOUT_FILENO);
        dup2(pipe_fds[1], STDERR_FILENO);
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        execl("/stagebox", "stagebox", "-c", SETTINGS, "run", "--no-shell", (char *)NULL);
        _exit(127);
    }
    close(pipe_fds[1]);
    box->output = pipe_fds[0];
    if (box->pid < 0)
        box->pid = 0;
}

/* Everybody without a parent is a child of process 1. */
static void reap(struct box *box)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != box->pid)
            continue;
        box->pid = 0;
        if (WIFSIGNALED(status))
            console_say("stagebox was ended by signal %d", WTERMSIG(status));
        else if (box->stop == 0)
            console_say("stagebox ended with %d; it starts again in %d s", WEXITSTATUS(status), AGAIN_S);
    }
}

static void take_signal(struct box *box)
{
    struct signalfd_siginfo info;
    if (read(box->signal_fd, &info, sizeof info) != (ssize_t)sizeof info || info.ssi_signo == SIGCHLD)
        return;
    box->stop = (int)info.ssi_signo;
    console_say("stopping");
    if (box->pid > 0)
        kill(box->pid, SIGTERM);
}

static void take_output(struct box *box)
{
    char text[1024];
    ssize_t n = read(box->output, text, sizeof text);
    if (n > 0) {
        console_write(text, (size_t)n);
        return;
    }
    if (n < 0 && errno == EINTR)
        return;
    close(box->output);
    box->output = -1;
}

/* Until something happens, at most so long. */
static void turn(struct box *box, int milliseconds)
{
    struct pollfd fds[2] = {{.fd = box->signal_fd, .events = POLLIN}, {.fd = box->output, .events = POLLIN}};
    if (poll(fds, 2, milliseconds) <= 0)
        return;
    if (fds[0].revents != 0)
        take_signal(box);
    if (fds[1].revents != 0)
        take_output(box);
    reap(box);
}

int box_keep(void)
{
    struct box box = {.output = -1};
    sigemptyset(&box.signals);
    sigaddset(&box.signals, SIGCHLD);
    sigaddset(&box.signals, SIGINT);
    sigaddset(&box.signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &box.signals, NULL);
    box.signal_fd = signalfd(-1, &box.signals, SFD_CLOEXEC);
    while (box.stop == 0) {
        run(&box);
        while (box.pid > 0 || box.output >= 0)
            turn(&box, -1);
        if (box.stop == 0)
            turn(&box, AGAIN_S * 1000);
    }
    return box.stop;
}
