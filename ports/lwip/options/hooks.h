/* hooks.h - what lwIP asks us while it runs. */
#ifndef STAGEBOX_LWIP_HOOKS_H
#define STAGEBOX_LWIP_HOOKS_H

#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) \
    ((void)(local), (void)(local_port), (void)(remote), (void)(remote_port), stack_random())

#endif
