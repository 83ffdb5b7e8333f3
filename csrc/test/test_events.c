#include "vocana/events.h"

#include <string.h>

#include "check.h"

/* B15: 1e5 events through a queue of 64 that is emptied in uneven gulps. */
static void order_is_kept_and_drops_are_counted(void) {
    vo_events *events;
    CHECK(vo_events_new(&events, 64, NULL) == VO_OK);
    enum { EVENTS = 100000 };
    uint64_t taken = 0, next = 0, holes = 0;
    uint32_t state = 1;
    for (uint32_t i = 0; i < EVENTS; i++) {
        vo_events_push(events, VO_EVENT_XRUN, i, i * 2u);
        state = state * 1664525u + 1013904223u;
        if (state >> 28 && i + 1 < EVENTS) continue;
        vo_event batch[100];
        uint32_t n = vo_events_pop(events, batch, 100);
        for (uint32_t k = 0; k < n; k++, taken++) {
            CHECK(batch[k].seq >= next);
            holes += batch[k].seq - next;
            next = batch[k].seq + 1;
            CHECK(batch[k].frame == batch[k].seq && batch[k].value == batch[k].seq * 2);
        }
    }
    CHECK(taken + vo_events_dropped(events) == EVENTS);
    CHECK(holes + (EVENTS - next) == vo_events_dropped(events));
    CHECK(vo_events_dropped(events) > 0);
    vo_events_free(events);
}

static void every_kind_has_its_own_text(void) {
    for (uint32_t a = VO_EVENT_OVERFLOW_BEGAN; a <= VO_EVENT_ENDED; a++) {
        CHECK(strcmp(vo_event_text(a), "unknown"));
        for (uint32_t b = VO_EVENT_OVERFLOW_BEGAN; b < a; b++)
            CHECK(strcmp(vo_event_text(a), vo_event_text(b)));
    }
    CHECK(!strcmp(vo_event_text(VO_EVENT_ENDED + 1), "unknown"));
}

int main(void) {
    order_is_kept_and_drops_are_counted();
    every_kind_has_its_own_text();
    return 0;
}
