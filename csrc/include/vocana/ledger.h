/* The account of what was lost: gap records from the audio thread to one reader.

   A record that the reader can see stands before every frame written after it, because it is
   published first. */
#ifndef VOCANA_LEDGER_H
#define VOCANA_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

#define VO_CAUSE_MAP(X)                                                                            \
    X(OVERFLOW, "overflow") /* the ring was full, or its breaker open */                           \
    X(SKIP, "skip")         /* the reader jumped to its target fill */                             \
    X(DEVICE, "device")     /* the device says that it lost them */                                \
    X(REJECTED, "rejected") /* the input policy refused them */

typedef enum vo_cause {
#define X(name, text) VO_CAUSE_##name,
    VO_CAUSE_MAP(X)
#undef X
} vo_cause;

typedef struct vo_gap {
    uint64_t at;     /* ring position of the first frame after the gap */
    uint64_t frame;  /* first lost frame on the device's timeline */
    uint64_t frames; /* how many were lost */
    uint32_t cause;  /* of the first; or of an overflow, with what was lost just before it */
} vo_gap;

typedef struct vo_ledger vo_ledger;

/* --- Setup thread ------------------------------------------------------- */

/* Holds capacity records, rounded up to a power of two. */
VO_NODISCARD vo_status vo_ledger_new(vo_ledger **out, uint32_t capacity,
                                     const vo_allocator *allocator);
void vo_ledger_free(vo_ledger *ledger);

/* --- Writer thread only ------------------------------------------------- */

bool vo_ledger_full(vo_ledger *ledger) VO_REALTIME;

/* False, and nothing written, when it is full. */
bool vo_ledger_push(vo_ledger *ledger, const vo_gap *gap) VO_REALTIME;

/* --- Reader thread only ------------------------------------------------- */

/* The record `ahead` behind the oldest one, or NULL; it stays until popped. */
const vo_gap *vo_ledger_peek(vo_ledger *ledger, uint32_t ahead) VO_REALTIME;
void vo_ledger_pop(vo_ledger *ledger) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

const char *vo_cause_text(uint32_t cause) VO_REALTIME;

VO_END_DECLS

#endif
