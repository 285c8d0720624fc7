/* stage.h - the five answers that a request for a profile can get (docs: contract of stages). */
#ifndef STAGEBOX_APP_STAGING_STAGE_H
#define STAGEBOX_APP_STAGING_STAGE_H

enum stage {
    STAGE_FIRST,  /* the version is not known yet: come again over HTTP */
    STAGE_LADDER, /* a rung is due */
    STAGE_WAIT,   /* no rung now, no secrets; come again */
    STAGE_FINAL,  /* the final configuration, and nothing of the box left behind */
    STAGE_IDLE    /* nothing for this phone */
};

/* "first", "ladder", "wait", "final", "idle"; "?" for a number that is none of them. */
const char *stage_name(enum stage stage);

#endif
