/* The kinds of nodes, one line each: name, its _new and its table of parameters. */
#ifndef VOCANA_NODES_NODES_H
#define VOCANA_NODES_NODES_H

#include "params.h"
#include "vocana/nodes.h"

/* name as Python calls it, noun in C: vo_<noun>_new and vo_<noun>_params. */
#define VO_NODE_KIND_MAP(X)                                                                        \
    X(BandPass, band_pass, 2)                                                                      \
    X(Compressor, compressor, 7)                                                                   \
    X(DCBlock, dc_block, 1)                                                                        \
    X(Delay, delay, 1)                                                                             \
    X(Fade, fade, 3)                                                                               \
    X(Gain, gain, 1)                                                                               \
    X(Gate, gate, 6)                                                                               \
    X(HighPass, high_pass, 3)                                                                      \
    X(HighShelf, high_shelf, 3)                                                                    \
    X(Levels, levels_node, 4)                                                                      \
    X(Limiter, limiter, 4)                                                                         \
    X(Loudness, loudness_node, 1)                                                                  \
    X(LowPass, low_pass, 3)                                                                        \
    X(LowShelf, low_shelf, 3)                                                                      \
    X(Meter, level_meter, 1)                                                                       \
    X(Mute, mute, 1)                                                                               \
    X(Notch, notch, 2)                                                                             \
    X(Peaking, peaking, 3)                                                                         \
    X(Spectrum, spectrum, 2)

#define X(name, noun, count)                                                                       \
    vo_node_new vo_##noun##_new;                                                                   \
    extern const vo_param vo_##noun##_params[count];
VO_NODE_KIND_MAP(X)
#undef X

#endif
