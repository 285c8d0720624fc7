#include "app/staging/stage.h"

const char *stage_name(enum stage stage)
{
    switch (stage) {
    case STAGE_FIRST:
        return "first";
    case STAGE_LADDER:
        return "ladder";
    case STAGE_WAIT:
        return "wait";
    case STAGE_FINAL:
        return "final";
    case STAGE_IDLE:
        return "idle";
    }
    return "?";
}
