/* The index arithmetic of ring.c under sequential consistency (the memory orders are ring.cpp's
   task): cached views of the other side, blocks of any size, the copy in two spans at the wrap.

   The counts of ring.c grow for ever in 64 bits. Here they live modulo COUNTS, a multiple of the
   capacity, so that their own wrap is met as well: only their difference means anything.

   P1  no frame is written over before it was read, none is read before it was written
   P2  frames come out in the order in which they went in
   P3  both sides finish, when neither is starved

   -DMUTANT_WRAP   counts modulo the capacity: full and empty look the same
   -DMUTANT_SPAN   the second span starts where the first did
   -DMUTANT_ROOM   room is taken to be one frame more than it is */

#define CAPACITY 4
#define MASK (CAPACITY - 1)
#ifdef MUTANT_WRAP
#define COUNTS CAPACITY
#else
#define COUNTS (2 * CAPACITY)
#endif
#ifdef MUTANT_ROOM
#define EXTRA 1
#else
#define EXTRA 0
#endif
#ifdef MUTANT_SPAN
#define SECOND start
#else
#define SECOND 0
#endif
#define FRAMES 9

#define DISTANCE(to, from) ((to + COUNTS - from) % COUNTS)
#define MIN(a, b) (a < b -> a : b)

byte head, tail;          /* published */
byte frames[CAPACITY];    /* storage */
bool queued[CAPACITY];    /* written and not yet read: the account that P1 is checked against */
bool writer_done, reader_done;

inline locate(position, n) {
    start = position & MASK;
    first = MIN(n, CAPACITY - start);
}

/* Where frame k of a block stands. */
#define PLACE(k) (k < first -> start + k : SECOND + k - first)

active proctype writer() {
    byte done, own, tail_seen, want, n, room, start, first, k;
    do
    :: done < FRAMES ->
        select(want : 1 .. CAPACITY);
        want = MIN(want, FRAMES - done);
        room = CAPACITY - DISTANCE(own, tail_seen) + EXTRA;
        if
        :: room < want ->
            tail_seen = tail;
            room = CAPACITY - DISTANCE(own, tail_seen) + EXTRA
        :: else
        fi;
        n = MIN(want, room);
        locate(own, n);
        k = 0;
        do
        :: k < n ->
            d_step {
                assert(!queued[PLACE(k)]); /* P1 */
                queued[PLACE(k)] = true;
                frames[PLACE(k)] = done + k
            }
            k++
        :: else -> break
        od;
        if
        :: n -> done = done + n; own = (own + n) % COUNTS; head = own
        :: else
        fi
    :: else -> break
    od;
    writer_done = true
}

active proctype reader() {
    byte done, own, head_seen, want, n, there, start, first, k;
    do
    :: done < FRAMES ->
        select(want : 1 .. CAPACITY);
        there = DISTANCE(head_seen, own);
        if
        :: there < want ->
            head_seen = head;
            there = DISTANCE(head_seen, own)
        :: else
        fi;
        n = MIN(want, there);
        locate(own, n);
        k = 0;
        do
        :: k < n ->
            d_step {
                assert(queued[PLACE(k)]);           /* P1 */
                assert(frames[PLACE(k)] == done + k); /* P2 */
                queued[PLACE(k)] = false
            }
            k++
        :: else -> break
        od;
        if
        :: n -> done = done + n; own = (own + n) % COUNTS; tail = own
        :: else
        fi
    :: else -> break
    od;
    reader_done = true
}

ltl p3 { <> (writer_done && reader_done) }
