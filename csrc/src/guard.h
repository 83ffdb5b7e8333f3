/* Marks the real-time section for a checker that is loaded before the program: it defines
   vo_guard_enter and vo_guard_exit and counts what must not be called between them. Without one,
   this is a test of a null pointer. */
#ifndef VOCANA_GUARD_H
#define VOCANA_GUARD_H

#include "vocana/attributes.h"

#ifdef __ELF__
extern void vo_guard_enter(void) __attribute__((weak, visibility("default"))) VO_REALTIME;
extern void vo_guard_exit(void) __attribute__((weak, visibility("default"))) VO_REALTIME;

static inline void vo_guard_begin(void) {
    if (vo_guard_enter) vo_guard_enter();
}

static inline void vo_guard_end(void) {
    if (vo_guard_exit) vo_guard_exit();
}
#else
static inline void vo_guard_begin(void) {}
static inline void vo_guard_end(void) {}
#endif

#endif
