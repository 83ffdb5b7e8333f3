#include "vocana/ballistics.h"

#include <math.h>

void vo_ballistics_init(vo_ballistics *needle, double attack_ms, double release_ms, double rate) {
    needle->attack_frames = attack_ms * rate / 1000;
    needle->release_frames = release_ms * rate / 1000;
    needle->value = 0;
}

double vo_ballistics_step(vo_ballistics *needle, double target, double frames) {
    double constant = target > needle->value ? needle->attack_frames : needle->release_frames;
    double left = constant > 0 ? exp(-frames / constant) : 0;
    needle->value = target + left * (needle->value - target);
    return needle->value;
}
