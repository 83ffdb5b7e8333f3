/* How the check of a family says what it found: one line for each kernel and level, one for each
   planted fault. Both stop at what is not as it should be. */
#ifndef KERNEL_LINES_H
#define KERNEL_LINES_H

#include "check.h"

/* wrong: NULL, or what the kernel does other than its specification. */
static inline void say_equal(const char *kernel, const char *level, const char *wrong) {
    printf("%-22s %-7s %s\n", kernel, level, wrong ? wrong : "equal");
    CHECK(!wrong);
}

static inline void say_caught(const char *fault, const char *wrong) {
    printf("planted: %-38s %s%s\n", fault, wrong ? "caught: " : "MISSED", wrong ? wrong : "");
    CHECK(wrong);
}

#endif
