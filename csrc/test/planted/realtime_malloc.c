/* Must be rejected: a real-time function that asks for memory. */
#include <stdlib.h>

#include "vocana/attributes.h"

void *planted_malloc(void) VO_REALTIME;

void *planted_malloc(void) {
    return malloc(64);
}
