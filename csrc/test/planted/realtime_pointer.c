/* Must be rejected: a call through a pointer that promises nothing. */
#include "vocana/attributes.h"

void planted_pointer(void (*callback)(void)) VO_REALTIME;

void planted_pointer(void (*callback)(void)) {
    callback();
}
