#include "vocana/pool.h"

#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

/* A slot's tag is its generation, counted in steps of four, and in the low bits its state. Whoever
   moves the tag from one state to the next owns the step, so of two releases that race one wins:
   FREE -> LIVE acquire, LIVE -> FREE of the next generation release, FREE -> HUSK trim, HUSK ->
   ABSENT an acquire that came across the husk in the free list, HUSK or ABSENT -> FREE grow. */
enum { FREE, LIVE, HUSK, ABSENT, STATE = 3, GENERATION = 4 };

/* One slot is touched by one thread after the other, each on a line of its own. */
typedef struct slot {
    _Alignas(VO_CACHE_LINE) _Atomic uint32_t tag;
    _Atomic uint32_t next;     /* free list: index + 1 of the slot below, 0 at the end */
    _Atomic uint64_t freed_ns; /* of the last release; 0 when not known */
    float *data;               /* NULL while HUSK or ABSENT */
    bool used;                 /* SHARED: data has been handed out before */
} slot;

/* PAIR: the releaser queues indexes in `back`, from where the acquirer takes them; those that never
   were away, and those that a trim has looked at, rest on a stack of the acquirer's. So few buffers
   serve where few are needed. back has a place for every slot, so it is never full and needs no
   tail that both see. Every count has one writer. released's release pairs with the acquire in
   look_back.

   SHARED: `head` is the top of the free list, index + 1 below a tag that every change moves on, so
   a pop whose top went away and came back fails. Its release pairs with the acquire of the next
   pop. live counts before a push and after a pop, so it never exceeds what there is. */
struct vo_pool {
    _Alignas(VO_CACHE_LINE) struct {
        uint64_t taken, seen; /* of back */
        uint32_t *stack;
        uint32_t count;
    } pair;
    _Atomic uint64_t acquired, fresh, missed;
    _Atomic uint32_t peak;

    _Alignas(VO_CACHE_LINE) _Atomic uint64_t released;
    _Atomic uint64_t rejected;

    _Alignas(VO_CACHE_LINE) _Atomic uint64_t head;
    _Alignas(VO_CACHE_LINE) _Atomic uint32_t live;

    /* Never changes after _new, but for made, which control changes. */
    _Alignas(VO_CACHE_LINE) slot *slots;
    uint32_t *back;
    uint32_t back_mask;
    uint32_t salt; /* of handles, so that another pool's name no slot here */
    size_t bytes;
    uint32_t maximum;
    _Atomic uint32_t made; /* slots that have data */
    bool shared;
    vo_allocator allocator;
};

/* Marks an index on the stack whose buffer nobody has used yet. */
#define FRESH ((uint32_t)1 << 31)
#define NO_INDEX UINT32_MAX

#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define STORE(field, value) atomic_store_explicit(&(field), value, memory_order_relaxed)

/* For a count with one writer. */
#define COUNT(field) STORE(field, LOAD(field) + 1)
/* For a count with several. */
#define COUNT_SHARED(field) atomic_fetch_add_explicit(&(field), 1, memory_order_relaxed)

/* --- Setup and control ---------------------------------------------------- */

/* Different for every pool, in all likelihood also for two at the same address. */
static uint64_t unlike_any_other(const vo_pool *pool) {
    struct timespec now = {0};
    (void)timespec_get(&now, TIME_UTC);
    uint64_t x = (uintptr_t)pool ^ ((uint64_t)now.tv_sec << 30) ^ (uint64_t)now.tv_nsec;
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdU;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53U;
    return x ^ (x >> 33);
}

static vo_status measure(const vo_pool_config *config, size_t *bytes, size_t *table_bytes) {
    if (!config->frames || !config->channels || !config->maximum) return VO_BAD_ARG;
    if (config->initial > config->maximum) return VO_BAD_ARG;
    if (config->sharing != VO_POOL_PAIR && config->sharing != VO_POOL_SHARED) return VO_BAD_ARG;
    size_t all;
    if (config->maximum >= FRESH || !vo_size_mul(config->frames, config->channels, bytes) ||
        !vo_size_mul(*bytes, sizeof(float), bytes) || !vo_size_mul(*bytes, config->maximum, &all) ||
        !vo_size_mul(sizeof(slot), config->maximum, table_bytes))
        return VO_TOO_BIG;
    return VO_OK;
}

static vo_status make_tables(vo_pool *pool, size_t table_bytes, const vo_allocator *allocator) {
    uint32_t places = 1;
    while (places < pool->maximum) places *= 2;
    pool->back_mask = places - 1;
    pool->slots = vo_alloc(allocator, table_bytes, VO_CACHE_LINE);
    if (!pool->slots) return VO_NO_MEM;
    if (pool->shared) return VO_OK;
    pool->back = vo_alloc(allocator, (size_t)places * sizeof(uint32_t), VO_CACHE_LINE);
    if (!pool->back) return VO_NO_MEM;
    pool->pair.stack = vo_alloc(allocator, pool->maximum * sizeof(uint32_t), VO_CACHE_LINE);
    return pool->pair.stack ? VO_OK : VO_NO_MEM;
}

vo_status vo_pool_new(vo_pool **out, const vo_pool_config *config, const vo_allocator *allocator) {
    *out = NULL;
    size_t bytes, table_bytes;
    vo_status status = measure(config, &bytes, &table_bytes);
    if (status != VO_OK) return status;

    if (!allocator) allocator = vo_allocator_default();
    vo_pool *pool = vo_alloc(allocator, sizeof *pool, VO_CACHE_LINE);
    if (!pool) return VO_NO_MEM;
    pool->allocator = *allocator;
    pool->bytes = bytes;
    pool->maximum = config->maximum;
    pool->shared = config->sharing == VO_POOL_SHARED;
    status = make_tables(pool, table_bytes, allocator);
    if (status == VO_OK) {
        uint64_t salt = unlike_any_other(pool);
        pool->salt = (uint32_t)salt;
        for (uint32_t i = 0; i < pool->maximum; i++)
            atomic_init(&pool->slots[i].tag, (uint32_t)(salt >> 32) | ABSENT);
    }
    for (uint32_t i = 0; i < config->initial && status == VO_OK; i++) status = vo_pool_grow(pool);
    if (status != VO_OK) {
        vo_pool_free(pool);
        return status;
    }
    *out = pool;
    return VO_OK;
}

void vo_pool_free(vo_pool *pool) {
    if (!pool) return;
    vo_allocator allocator = pool->allocator;
    for (uint32_t i = 0; pool->slots && i < pool->maximum; i++)
        vo_release(&allocator, pool->slots[i].data);
    vo_release(&allocator, pool->pair.stack);
    vo_release(&allocator, pool->back);
    vo_release(&allocator, pool->slots);
    vo_release(&allocator, pool);
}

static inline uint32_t in_state(uint32_t tag, uint32_t state) {
    return (tag & ~(uint32_t)STATE) | state;
}

static inline bool step(slot *s, uint32_t from, uint32_t to) {
    /* acq_rel: who takes a slot over sees all that its last owner did to it */
    return atomic_compare_exchange_strong_explicit(&s->tag, &from, to, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

static void push(vo_pool *pool, uint32_t i) {
    uint64_t head = LOAD(pool->head), next;
    do {
        STORE(pool->slots[i].next, (uint32_t)head);
        next = ((head >> 32) + 1) << 32 | (i + 1);
        /* release: pairs with the acquire in pop */
    } while (!atomic_compare_exchange_weak_explicit(&pool->head, &head, next, memory_order_release,
                                                    memory_order_relaxed));
}

vo_status vo_pool_grow(vo_pool *pool) {
    if (LOAD(pool->made) >= pool->maximum) return VO_EMPTY;
    uint32_t i = LOAD(pool->made);
    while ((atomic_load_explicit(&pool->slots[i].tag, memory_order_acquire) & STATE) < HUSK)
        i = i + 1 < pool->maximum ? i + 1 : 0;
    slot *s = &pool->slots[i];
    float *data = vo_alloc(&pool->allocator, pool->bytes, VO_CACHE_LINE);
    if (!data) return VO_NO_MEM;
    s->data = data;
    s->used = false;
    STORE(s->freed_ns, 0);
    STORE(pool->made, LOAD(pool->made) + 1);
    uint32_t tag = LOAD(s->tag);
    /* A husk is still in the free list, unless an acquire takes it out just now. */
    if ((tag & STATE) == HUSK && step(s, tag, in_state(tag, FREE))) return VO_OK;
    atomic_store_explicit(&s->tag, in_state(tag, FREE), memory_order_release);
    if (pool->shared) {
        push(pool, i);
    } else {
        pool->pair.stack[pool->pair.count++] = i | FRESH;
    }
    return VO_OK;
}

static inline void look_back(vo_pool *pool) {
    /* acquire: pairs with the release in give_back */
    pool->pair.seen = atomic_load_explicit(&pool->released, memory_order_acquire);
}

static void drain(vo_pool *pool) {
    look_back(pool);
    while (pool->pair.taken != pool->pair.seen)
        pool->pair.stack[pool->pair.count++] = pool->back[pool->pair.taken++ & pool->back_mask];
}

/* Free the data of a slot that is free and has been for long enough. */
static bool retire(vo_pool *pool, slot *s, uint64_t now_ns, uint64_t idle_ns, uint32_t state) {
    uint32_t tag = atomic_load_explicit(&s->tag, memory_order_acquire);
    if ((tag & STATE) != FREE) return false;
    uint64_t freed_ns = LOAD(s->freed_ns);
    if (!freed_ns && idle_ns) STORE(s->freed_ns, freed_ns = now_ns); /* its rest begins now */
    if (idle_ns && (now_ns < freed_ns || now_ns - freed_ns < idle_ns)) return false;
    if (!step(s, tag, in_state(tag, state))) return false;
    vo_release(&pool->allocator, s->data);
    s->data = NULL;
    STORE(pool->made, LOAD(pool->made) - 1);
    return true;
}

static uint32_t free_now(const vo_pool *pool, uint32_t live) {
    uint32_t made = LOAD(pool->made);
    return made > live ? made - live : 0;
}

uint32_t vo_pool_trim(vo_pool *pool, uint64_t now_ns, uint64_t idle_ns, uint32_t keep) {
    uint32_t trimmed = 0;
    if (pool->shared) {
        for (uint32_t i = 0; i < pool->maximum && free_now(pool, LOAD(pool->live)) > keep; i++)
            trimmed += retire(pool, &pool->slots[i], now_ns, idle_ns, HUSK);
        return trimmed;
    }
    drain(pool);
    for (uint32_t i = 0; i < pool->pair.count; i++) {
        uint32_t index = pool->pair.stack[i];
        bool gone = pool->pair.count - trimmed > keep &&
                    retire(pool, &pool->slots[index & ~FRESH], now_ns, idle_ns, ABSENT);
        if (!gone) pool->pair.stack[i - trimmed] = index;
        trimmed += gone;
    }
    pool->pair.count -= trimmed;
    return trimmed;
}

/* --- Acquiring ------------------------------------------------------------ */

static inline vo_handle name(const vo_pool *pool, uint32_t i, uint32_t tag) {
    return (uint64_t)tag << 32 | (i ^ pool->salt);
}

/* The slot that a handle names, if there is such a slot. */
static inline slot *find(const vo_pool *pool, vo_handle handle) {
    uint32_t i = (uint32_t)handle ^ pool->salt;
    return i < pool->maximum && (handle >> 32 & STATE) == LIVE ? &pool->slots[i] : NULL;
}

/* The buffer that came back first, or one that rests on the stack, or NO_INDEX: with FRESH. */
static inline uint32_t take_index(vo_pool *pool) {
    uint64_t taken = pool->pair.taken;
    if (taken == pool->pair.seen) {
        look_back(pool);
        if (taken == pool->pair.seen)
            return pool->pair.count ? pool->pair.stack[--pool->pair.count] : NO_INDEX;
    }
    pool->pair.taken = taken + 1;
    return pool->back[taken & pool->back_mask];
}

static inline vo_status take_alone(vo_pool *pool, vo_handle *out) {
    uint32_t i = take_index(pool);
    if (i & FRESH) {
        if (i == NO_INDEX) {
            COUNT(pool->missed);
            *out = VO_NO_HANDLE;
            return VO_EMPTY;
        }
        i -= FRESH;
        COUNT(pool->fresh);
    }
    slot *s = &pool->slots[i];
    uint32_t tag = LOAD(s->tag) + LIVE;
    STORE(s->tag, tag);
    *out = name(pool, i, tag);
    uint64_t acquired = LOAD(pool->acquired) + 1;
    STORE(pool->acquired, acquired);
    uint64_t live = acquired - LOAD(pool->released);
    if (live > LOAD(pool->peak)) STORE(pool->peak, (uint32_t)live);
    return VO_OK;
}

/* Index + 1 of the slot that was on top, 0 when there was none. */
static inline uint32_t pop(vo_pool *pool) {
    /* acquire: pairs with the release in push */
    uint64_t head = atomic_load_explicit(&pool->head, memory_order_acquire), next;
    do {
        if (!(uint32_t)head) return 0;
        next = ((head >> 32) + 1) << 32 | LOAD(pool->slots[(uint32_t)head - 1].next);
    } while (!atomic_compare_exchange_weak_explicit(&pool->head, &head, next, memory_order_acquire,
                                                    memory_order_acquire));
    return (uint32_t)head;
}

/* Make a popped slot live: its tag, or 0 when it was a husk and is ABSENT now. */
static inline uint32_t revive(slot *s) {
    for (;;) {
        uint32_t tag = LOAD(s->tag);
        bool husk = (tag & STATE) == HUSK;
        if (step(s, tag, in_state(tag, husk ? ABSENT : LIVE))) {
            return husk ? 0 : in_state(tag, LIVE);
        }
    }
}

static vo_status take_from_list(vo_pool *pool, vo_handle *out) {
    for (uint32_t top; (top = pop(pool));) {
        slot *s = &pool->slots[top - 1];
        uint32_t tag = revive(s);
        if (!tag) continue;
        if (!s->used) {
            s->used = true;
            COUNT_SHARED(pool->fresh);
        }
        COUNT_SHARED(pool->acquired);
        uint32_t live = COUNT_SHARED(pool->live) + 1, peak = LOAD(pool->peak);
        while (live > peak &&
               !atomic_compare_exchange_weak_explicit(&pool->peak, &peak, live,
                                                      memory_order_relaxed, memory_order_relaxed)) {
        }
        *out = name(pool, top - 1, tag);
        return VO_OK;
    }
    COUNT_SHARED(pool->missed);
    *out = VO_NO_HANDLE;
    return VO_EMPTY;
}

vo_status vo_pool_acquire(vo_pool *pool, vo_handle *out) {
    return pool->shared ? take_from_list(pool, out) : take_alone(pool, out);
}

/* --- Releasing ------------------------------------------------------------ */

static inline void give_back(vo_pool *pool, slot *s, uint32_t tag) {
    uint64_t released = LOAD(pool->released);
    STORE(s->tag, tag + GENERATION - LIVE);
    pool->back[released & pool->back_mask] = (uint32_t)(s - pool->slots);
    /* release: pairs with the acquire in look_back */
    atomic_store_explicit(&pool->released, released + 1, memory_order_release);
}

vo_status vo_pool_release(vo_pool *pool, vo_handle handle, uint64_t now_ns) {
    slot *s = find(pool, handle);
    uint32_t tag = (uint32_t)(handle >> 32);
    if (s && LOAD(s->tag) == tag) {
        STORE(s->freed_ns, now_ns);
        if (!pool->shared) {
            give_back(pool, s, tag);
            return VO_OK;
        }
        if (step(s, tag, in_state(tag + GENERATION, FREE))) {
            atomic_fetch_sub_explicit(&pool->live, 1, memory_order_relaxed);
            push(pool, (uint32_t)(s - pool->slots));
            return VO_OK;
        }
    }
    COUNT_SHARED(pool->rejected);
    return VO_BAD_HANDLE;
}

/* --- Anyone --------------------------------------------------------------- */

float *vo_pool_data(const vo_pool *pool, vo_handle handle) {
    slot *s = find(pool, handle);
    bool live = s && atomic_load_explicit(&s->tag, memory_order_acquire) == handle >> 32;
    return live ? s->data : NULL;
}

vo_pool_stats vo_pool_stats_now(const vo_pool *pool) {
    vo_pool_stats stats = {.maximum = pool->maximum};
    uint64_t released = atomic_load_explicit(&pool->released, memory_order_acquire);
    stats.live = LOAD(pool->live);
    stats.acquired = LOAD(pool->acquired);
    if (!pool->shared) stats.live = (uint32_t)(stats.acquired - released);
    stats.reused = stats.acquired - LOAD(pool->fresh);
    stats.missed = LOAD(pool->missed);
    stats.rejected = LOAD(pool->rejected);
    stats.peak = LOAD(pool->peak);
    stats.free = free_now(pool, stats.live);
    return stats;
}
