/* A node of one's own: a ring modulator, the sound times a sine. */
#ifndef MODULATOR_H
#define MODULATOR_H

#include <vocana/node.h>

/* A node for this format, NULL without memory. vo_node.ops->free frees it. */
vo_node *modulator_new(uint32_t rate, uint32_t channels, double frequency_hz);

#endif
