/* Gap records: in order, none lost, none beyond what there is room for. */
#include "vocana/ledger.h"

#include <stddef.h>
#include <string.h>

#include "check.h"
#include "failing_alloc.h"

static vo_gap gap_of(uint64_t i) {
    return (vo_gap){.at = i, .frame = i * 3, .frames = i + 1, .cause = (uint32_t)(i % 4)};
}

static bool is_gap(const vo_gap *gap, uint64_t i) {
    vo_gap expected = gap_of(i);
    return gap && gap->at == expected.at && gap->frame == expected.frame &&
           gap->frames == expected.frames && gap->cause == expected.cause;
}

static void capacity_rounds_up_and_full_is_told(void) {
    const uint32_t asked[] = {1, 2, 3, 4, 5, 1000, 1024}, given[] = {1, 2, 4, 4, 8, 1024, 1024};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        vo_ledger *ledger;
        CHECK(vo_ledger_new(&ledger, asked[i], NULL) == VO_OK);
        for (uint64_t k = 0; k < given[i]; k++) {
            vo_gap gap = gap_of(k);
            CHECK(!vo_ledger_full(ledger) && vo_ledger_push(ledger, &gap));
        }
        vo_gap one_more = gap_of(9999);
        CHECK(vo_ledger_full(ledger) && !vo_ledger_push(ledger, &one_more));
        for (uint32_t k = 0; k < given[i]; k++) CHECK(is_gap(vo_ledger_peek(ledger, k), k));
        CHECK(!vo_ledger_peek(ledger, given[i]) && !vo_ledger_peek(ledger, UINT32_MAX));
        vo_ledger_pop(ledger);
        CHECK(!vo_ledger_full(ledger) && vo_ledger_push(ledger, &one_more));
        CHECK(is_gap(vo_ledger_peek(ledger, given[i] - 1), 9999));
        vo_ledger_free(ledger);
    }
}

static void order_is_kept_over_many_turns(void) {
    vo_ledger *ledger;
    CHECK(vo_ledger_new(&ledger, 8, NULL) == VO_OK);
    uint64_t pushed = 0, popped = 0;
    for (uint32_t round = 0; round < 100000; round++) {
        for (uint32_t n = round * 7 % 5; n; n--) {
            vo_gap gap = gap_of(pushed);
            CHECK(vo_ledger_push(ledger, &gap) == (pushed - popped < 8));
            if (pushed - popped < 8) pushed++;
        }
        for (uint32_t n = round * 3 % 4; n && popped < pushed; n--) {
            CHECK(is_gap(vo_ledger_peek(ledger, 0), popped));
            CHECK(is_gap(vo_ledger_peek(ledger, (uint32_t)(pushed - popped - 1)), pushed - 1));
            vo_ledger_pop(ledger);
            popped++;
        }
        if (popped == pushed) CHECK(!vo_ledger_peek(ledger, 0));
    }
    CHECK(popped > 100000);
    vo_ledger_free(ledger);
}

/* Fault row 39, B14. */
static void failures_are_told_and_leak_nothing(void) {
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (uint64_t k = 1; k <= 3; k++) {
            failing_alloc memory;
            failing_alloc_init(&memory, k, from_then_on);
            vo_ledger *ledger = (vo_ledger *)&memory;
            vo_status status = vo_ledger_new(&ledger, 100, &memory.allocator);
            CHECK(status == (k < 3 ? VO_NO_MEM : VO_OK) && (ledger != NULL) == (k == 3));
            vo_ledger_free(ledger);
            CHECK(memory.live == 0);
        }
    const uint32_t bad[] = {0, (1u << 30) + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        failing_alloc memory;
        failing_alloc_init(&memory, 0, false);
        vo_ledger *ledger = (vo_ledger *)&memory;
        CHECK(vo_ledger_new(&ledger, bad[i], &memory.allocator) == VO_BAD_ARG);
        CHECK(!ledger && memory.calls == 0);
    }
}

static void every_cause_has_its_own_text(void) {
    for (uint32_t a = VO_CAUSE_OVERFLOW; a <= VO_CAUSE_REJECTED; a++) {
        CHECK(strcmp(vo_cause_text(a), "unknown"));
        for (uint32_t b = VO_CAUSE_OVERFLOW; b < a; b++)
            CHECK(strcmp(vo_cause_text(a), vo_cause_text(b)));
    }
    CHECK(!strcmp(vo_cause_text(VO_CAUSE_REJECTED + 1), "unknown"));
}

int main(void) {
    capacity_rounds_up_and_full_is_told();
    order_is_kept_over_many_turns();
    failures_are_told_and_leak_nothing();
    every_cause_has_its_own_text();
    return 0;
}
