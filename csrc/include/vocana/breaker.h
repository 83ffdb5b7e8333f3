/* A circuit breaker whose clock is a frame count passed in.

   CLOSED -- trips_after consecutive failures --> OPEN for rest_frames --> HALF_OPEN
   HALF_OPEN -- success --> CLOSED;  HALF_OPEN -- failure --> OPEN for twice as long, up to a cap.
   A breaker that trips again before it has stayed closed for max_rest_frames doubles too. */
#ifndef VOCANA_BREAKER_H
#define VOCANA_BREAKER_H

#include <stdint.h>

#include "status.h"

VO_BEGIN_DECLS

typedef enum vo_breaker_state {
    VO_BREAKER_CLOSED,
    VO_BREAKER_OPEN,
    VO_BREAKER_HALF_OPEN,
} vo_breaker_state;

typedef struct vo_breaker_config {
    uint32_t trips_after;     /* consecutive failures, >= 1 */
    uint64_t rest_frames;     /* first rest, >= 1 */
    uint64_t max_rest_frames; /* longest rest, >= rest_frames */
} vo_breaker_config;

typedef struct vo_breaker {
    vo_breaker_config config;
    vo_breaker_state state;
    uint32_t failures;   /* consecutive, while closed */
    uint64_t rest;       /* length of the last rest; 0 before the first */
    uint64_t reopens_at; /* frame at which a rest ends */
    uint64_t closed_at;  /* frame at which it last closed */
    uint64_t trips;      /* times it has opened; survives reset */
} vo_breaker;

/* --- The thread that owns the breaker ------------------------------------ */

/* BAD_ARG when the config breaks a bound given above. */
VO_NODISCARD vo_status vo_breaker_init(vo_breaker *breaker,
                                       const vo_breaker_config *config) VO_REALTIME;

/* Closed, no failures, first rest again. */
void vo_breaker_reset(vo_breaker *breaker) VO_REALTIME;

/* The state at frame now; a rest that is over becomes HALF_OPEN here. */
vo_breaker_state vo_breaker_poll(vo_breaker *breaker, uint64_t now) VO_REALTIME;

/* The overload is known to be over: end a rest at once. */
void vo_breaker_probe(vo_breaker *breaker, uint64_t now) VO_REALTIME;

/* What happened at frame now; ignored while OPEN. */
void vo_breaker_success(vo_breaker *breaker, uint64_t now) VO_REALTIME;
void vo_breaker_failure(vo_breaker *breaker, uint64_t now) VO_REALTIME;

VO_END_DECLS

#endif
