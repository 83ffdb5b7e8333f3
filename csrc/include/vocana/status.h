/* One list of errors: the enum, the texts and the Python exceptions grow from it. */
#ifndef VOCANA_STATUS_H
#define VOCANA_STATUS_H

#include "attributes.h"

VO_BEGIN_DECLS

#define VO_STATUS_MAP(X)                                                                           \
    X(OK, 0, "ok")                                                                                 \
    X(NO_MEM, -1, "out of memory")                                                                 \
    X(BAD_ARG, -2, "bad argument")                                                                 \
    X(TOO_BIG, -3, "size is beyond what an address can hold")                                      \
    X(EMPTY, -4, "nothing is free")                                                                \
    X(BAD_HANDLE, -5, "handle is stale, foreign or already released")                              \
    X(TIMED_OUT, -6, "timed out")                                                                  \
    X(INTERRUPTED, -7, "interrupted by a signal")                                                  \
    X(SYSTEM, -8, "the operating system refused")

typedef enum vo_status {
#define X(name, value, text) VO_##name = value,
    VO_STATUS_MAP(X)
#undef X
} vo_status;

/* --- Any thread -------------------------------------------------------- */

/* English, lower case, never NULL, lives for ever. */
const char *vo_status_text(vo_status status) VO_REALTIME;

VO_END_DECLS

#endif
