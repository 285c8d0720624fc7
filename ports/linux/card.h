/* card.h - paths below the card's folder. */
#ifndef STAGEBOX_PORTS_LINUX_CARD_H
#define STAGEBOX_PORTS_LINUX_CARD_H

#include "ports/linux/internal.h"

#include <limits.h>
#include <sys/stat.h>

/* Ends the names of files that port_replace() has not finished. */
#define CARD_TEMPORARY ".stagebox-new"

/* Where a path leads: a name in an open folder. The name is spelled as on the card where it is there. */
struct card_place {
    int dir; /* O_PATH; close with card_leave() */
    char name[NAME_MAX + 1];
    bool absolute; /* a setting named it: links are followed wherever they lead */
};

/* Finds the folder of `path`, makes missing ones if `make`. 0 or an error with its sentence. */
int card_find(struct port *port, const char *path, bool make, struct card_place *out);
void card_leave(struct card_place *place);
/* Opens what is there with `flags`, a regular file or nothing: the fd, or an error with its sentence;
 * *info is filled. */
int card_open(struct port *port, const struct card_place *place, const char *path, int flags, struct stat *info);
/* The two in one. */
int card_open_path(struct port *port, const char *path, int flags, struct stat *info);
/* Opens a folder for reading its names. */
int card_open_folder(struct port *port, const char *path, bool *absolute);
/* Opens `name` in `dir` without leaving `dir`; -1 with errno, EXDEV or ELOOP for links that lead out. */
int card_open_beneath(int dir, const char *name, int flags);
/* The sentence for an errno about a path; the error. */
int card_fail(struct port *port, const char *path, int error);
/* Gives what was made in `dir` to that folder's owner, as far as rights allow. */
void card_give_to_owner(int dir, int fd);
bool card_same_name(const char *a, const char *b);

#endif
