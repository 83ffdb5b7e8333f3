#include "vocana/breaker.h"

vo_status vo_breaker_init(vo_breaker *breaker, const vo_breaker_config *config) {
    if (!config->trips_after || !config->rest_frames ||
        config->max_rest_frames < config->rest_frames)
        return VO_BAD_ARG;
    *breaker = (vo_breaker){.config = *config};
    return VO_OK;
}

void vo_breaker_reset(vo_breaker *breaker) {
    uint64_t trips = breaker->trips;
    *breaker = (vo_breaker){.config = breaker->config, .trips = trips};
}

static void open_at(vo_breaker *breaker, uint64_t now) {
    uint64_t longest = breaker->config.max_rest_frames;
    uint64_t rest = breaker->rest ? breaker->rest * 2 : breaker->config.rest_frames;
    breaker->rest = rest < longest ? rest : longest;
    breaker->state = VO_BREAKER_OPEN;
    breaker->reopens_at = now + breaker->rest;
    breaker->failures = 0;
    breaker->trips++;
}

vo_breaker_state vo_breaker_poll(vo_breaker *breaker, uint64_t now) {
    if (breaker->state == VO_BREAKER_OPEN && now >= breaker->reopens_at)
        breaker->state = VO_BREAKER_HALF_OPEN;
    return breaker->state;
}

void vo_breaker_probe(vo_breaker *breaker, uint64_t now) {
    if (breaker->state != VO_BREAKER_OPEN) return;
    breaker->reopens_at = now;
    breaker->state = VO_BREAKER_HALF_OPEN;
}

void vo_breaker_success(vo_breaker *breaker, uint64_t now) {
    vo_breaker_state state = vo_breaker_poll(breaker, now);
    if (state == VO_BREAKER_OPEN) return;
    if (state == VO_BREAKER_HALF_OPEN) {
        breaker->state = VO_BREAKER_CLOSED;
        breaker->closed_at = now;
    }
    breaker->failures = 0;
}

void vo_breaker_failure(vo_breaker *breaker, uint64_t now) {
    vo_breaker_state state = vo_breaker_poll(breaker, now);
    if (state == VO_BREAKER_OPEN) return;
    if (state == VO_BREAKER_HALF_OPEN) {
        open_at(breaker, now);
        return;
    }
    if (++breaker->failures < breaker->config.trips_after) return;
    if (now - breaker->closed_at >= breaker->config.max_rest_frames) breaker->rest = 0;
    open_at(breaker, now);
}
