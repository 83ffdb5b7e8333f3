/* A link: what a device's callback gives arrives at a capture as the device gave it. */
#define _GNU_SOURCE /* usleep, pipe, pthread_setattr_default_np */
#include <pthread.h>
#include <sys/resource.h>

#include "failing_alloc.h"
#include "link_pair.h"

/* --- What was sent arrives ----------------------------------------------- */

static const uint32_t sizes[] = {1, 128, 480, 17, 1024, VO_LINK_MAX_FRAMES, 3, 20000, 0, 64};

static void every_callback_arrives_as_it_was(void) {
    static float frames[20000 * CHANNELS];
    link_pair l = open_link(RING);
    CHECK(vo_link_sender_start(l.sender) == VO_OK && vo_link_receiver_start(l.receiver) == VO_OK);
    CHECK(vo_link_sender_start(l.sender) == VO_BAD_ARG);
    CHECK(vo_link_receiver_start(l.receiver) == VO_BAD_ARG);
    uint64_t at = 0, lost = 0, packets = 0, xruns = 0, read = 0;
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            uint32_t n = sizes[i], gone = i % 4 == 3 ? n : 0, flags = i % 3 == 1 ? 2 : 0;
            count(frames, at + gone, n);
            do read += read_counted(vo_capture_tap(l.capture));
            while (vo_link_sender_stats(l.sender).packets >
                   vo_link_receiver_stats(l.receiver).packets + 4);
            vo_link_send(l.sender, frames, n, gone, flags);
            at += n + gone;
            lost += gone;
            packets += n <= VO_LINK_MAX_FRAMES ? 1 : 3;
            xruns += flags != 0;
        }
    CHECK(vo_link_portaudio(frames, NULL, 0, NULL, 0, l.sender) == 0);
    CHECK(vo_link_portaudio(NULL, NULL, 7, NULL, 1, l.sender) == 0); /* nothing to give */
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
    vo_link_receiver_stop(l.receiver, HOUR_NS);
    CHECK(vo_link_sender_state(l.sender) == VO_LINK_ENDED);
    CHECK(vo_link_receiver_state(l.receiver) == VO_LINK_ENDED);
    read += read_counted(vo_capture_tap(l.capture));
    vo_capture_stats s = vo_capture_stats_now(l.capture);
    CHECK(s.tap.captured == at + 7 && s.tap.dropped == lost + 7 && read == at - lost);
    CHECK(s.callbacks == packets + 2 && s.xruns == xruns + 1);
    vo_link_stats sent = vo_link_sender_stats(l.sender), got = vo_link_receiver_stats(l.receiver);
    CHECK(sent.packets == packets + 2 && got.packets == packets + 3); /* and the last one */
    CHECK(sent.frames == read && got.frames == read && got.lost == lost + 7);
    CHECK(!vo_tap_ended(vo_capture_tap(l.capture))); /* a link that ended is not the source's end */
    close_link(l);
}

/* Fault row 6: each xrun is one, with the frames around it. */
static void a_thousand_xruns_are_a_thousand(void) {
    float frames[64 * CHANNELS];
    link_pair l = open_link(RING);
    CHECK(vo_link_sender_start(l.sender) == VO_OK && vo_link_receiver_start(l.receiver) == VO_OK);
    for (uint64_t i = 0; i < 1000; i++) {
        count(frames, i * 64, 64);
        vo_link_send(l.sender, frames, 64, 0, 2);
        while (vo_link_receiver_stats(l.receiver).packets + 100 < i) usleep(100);
    }
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
    vo_link_receiver_stop(l.receiver, HOUR_NS);
    vo_capture_stats s = vo_capture_stats_now(l.capture);
    CHECK(s.xruns == 1000 && s.callbacks == 1000 && s.tap.dropped == 0);
    CHECK(read_counted(vo_capture_tap(l.capture)) == 64000);
    close_link(l);
}

/* The age of the last callback is the device's, however late its packet. */
static void the_time_of_a_callback_is_its_own(void) {
    float frames[CHANNELS] = {0};
    link_pair l = open_link(RING);
    uint64_t before = vo_clock_ns();
    vo_link_send(l.sender, frames, 1, 0, 0);
    uint64_t after = vo_clock_ns();
    usleep(20000);
    CHECK(vo_link_sender_start(l.sender) == VO_OK && vo_link_receiver_start(l.receiver) == VO_OK);
    while (!vo_capture_last(l.capture).ns) usleep(100);
    uint64_t told = vo_capture_last(l.capture).ns;
    CHECK(before <= told && told <= after);
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
    vo_link_receiver_stop(l.receiver, HOUR_NS);
    close_link(l);
}

/* While nobody reads, the callback's queue fills, and then loses frames, exactly counted. */
static void a_late_reader_costs_what_does_not_fit(void) {
    float frames[100 * CHANNELS];
    link_pair l = open_link(1000);
    CHECK(vo_link_sender_start(l.sender) == VO_OK); /* the pipe fills up as well */
    uint64_t at = 0;
    for (int i = 0; i < 3000; i++, at += 100) {
        count(frames, at, 100);
        vo_link_send(l.sender, frames, 100, 0, i == 2998);
    }
    CHECK(vo_link_sender_stats(l.sender).frames < at);
    CHECK(vo_link_receiver_start(l.receiver) == VO_OK);
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
    vo_link_receiver_stop(l.receiver, HOUR_NS);
    vo_capture_stats s = vo_capture_stats_now(l.capture);
    CHECK(s.tap.captured == at && s.tap.dropped > 0 && s.xruns == 1); /* in the last packet */
    CHECK(read_counted(vo_capture_tap(l.capture)) + s.tap.dropped == at);
    close_link(l);
}

/* What found no room is in the last packet, be it a loss or a flag alone. */
static void the_last_packet_tells_the_rest(void) {
    for (uint64_t lost = 0; lost < 10; lost += 7) {
        link_pair l = open_link(1000);
        for (int i = 0; i < 1000; i++) vo_link_send(l.sender, NULL, 0, 0, 0); /* until it is full */
        uint64_t fitted = vo_link_sender_stats(l.sender).packets;
        vo_link_send(l.sender, NULL, 0, lost, lost ? 0 : 2);
        CHECK(fitted < 1000 && vo_link_sender_stats(l.sender).packets == fitted);
        CHECK(vo_link_sender_start(l.sender) == VO_OK);
        CHECK(vo_link_receiver_start(l.receiver) == VO_OK);
        CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
        vo_link_receiver_stop(l.receiver, HOUR_NS);
        vo_capture_stats s = vo_capture_stats_now(l.capture);
        CHECK(s.callbacks == fitted + 1 && s.tap.dropped == lost && s.xruns == (lost ? 0 : 1));
        close_link(l);
    }
}

static void three_threads_agree(void) {
    link_pair l = open_link(RING);
    pthread_t device;
    CHECK(vo_link_sender_start(l.sender) == VO_OK && vo_link_receiver_start(l.receiver) == VO_OK);
    CHECK(pthread_create(&device, NULL, call_often, l.sender) == 0);
    uint64_t read = 0;
    while (vo_link_receiver_stats(l.receiver).packets < 10000) {
        read += read_counted(vo_capture_tap(l.capture));
        usleep(1000);
    }
    CHECK(pthread_join(device, NULL) == 0);
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
    vo_link_receiver_stop(l.receiver, HOUR_NS);
    read += read_counted(vo_capture_tap(l.capture));
    vo_capture_stats s = vo_capture_stats_now(l.capture);
    CHECK(s.tap.captured == 20000 * 128 && read + s.tap.dropped == 20000 * 128);
    close_link(l);
}

/* --- Making them ---------------------------------------------------------- */

static void bad_arguments_are_refused(void) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    vo_link_sender *sender;
    vo_link_receiver *receiver;
    CHECK(vo_link_sender_new(&sender, ends[1], 0, 1, NULL) == VO_BAD_ARG && !sender);
    CHECK(vo_link_sender_new(&sender, ends[1], 1, 0, NULL) == VO_BAD_ARG);
    CHECK(vo_link_sender_new(&sender, ends[1], 2, UINT64_MAX, NULL) == VO_TOO_BIG);
    CHECK(vo_link_sender_new(&sender, -1, 1, 1, NULL) == VO_SYSTEM);
    CHECK(vo_link_receiver_new(&receiver, ends[0], 0, NULL, NULL) == VO_BAD_ARG && !receiver);
    CHECK(vo_link_receiver_new(&receiver, ends[0], UINT32_MAX, NULL, NULL) == VO_TOO_BIG);
    CHECK(vo_link_receiver_new(&receiver, -1, 1, NULL, NULL) == VO_SYSTEM);
    vo_link_sender_free(NULL);
    vo_link_receiver_free(NULL);
    close(ends[0]);
    close(ends[1]);
}

/* Fault row 39. */
static void every_failure_is_told_and_leaks_nothing(void) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    for (int from_then_on = 0; from_then_on < 2; from_then_on++)
        for (int sends = 0; sends < 2; sends++)
            for (uint64_t k = 1;; k++) {
                failing_alloc memory;
                failing_alloc_init(&memory, k, from_then_on);
                vo_link_sender *sender = NULL;
                vo_link_receiver *receiver = NULL;
                vo_status status =
                    sends ? vo_link_sender_new(&sender, ends[1], 2, 100, &memory.allocator)
                          : vo_link_receiver_new(&receiver, ends[0], 2, NULL, &memory.allocator);
                CHECK((sender || receiver) == (status == VO_OK));
                vo_link_sender_free(sender);
                vo_link_receiver_free(receiver);
                CHECK(memory.live == 0);
                if (status == VO_OK) break;
                CHECK(status == VO_NO_MEM && k < 10);
            }
    /* No descriptor left for the first wake, for the second. */
    struct rlimit before, few;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    for (int left = 0; left < 2; left++) {
        int next = dup(0);
        close(next);
        few = before;
        few.rlim_cur = (rlim_t)(next + left);
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
        vo_link_receiver *receiver;
        CHECK(vo_link_receiver_new(&receiver, ends[0], 2, NULL, NULL) == VO_SYSTEM && !receiver);
        CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    }
    close(ends[0]);
    close(ends[1]);
}

#ifdef __GLIBC__
/* No memory has room for a stack of 2^46 bytes. */
static void no_thread_is_told_and_can_be_asked_for_again(void) {
    link_pair l = open_link(1000);
    pthread_attr_t before, huge;
    CHECK(pthread_getattr_default_np(&before) == 0 && pthread_attr_init(&huge) == 0);
    CHECK(pthread_attr_setstacksize(&huge, (size_t)1 << 46) == 0);
    CHECK(pthread_setattr_default_np(&huge) == 0);
    CHECK(vo_link_receiver_start(l.receiver) == VO_SYSTEM);
    CHECK(vo_link_receiver_state(l.receiver) == VO_LINK_IDLE);
    CHECK(pthread_setattr_default_np(&before) == 0);
    CHECK(vo_link_receiver_start(l.receiver) == VO_OK);
    vo_link_receiver_stop(l.receiver, 0);
    close_link(l);
    pthread_attr_destroy(&huge);
    pthread_attr_destroy(&before);
}
#endif

int main(void) {
    watch_for_a_hang();
    every_callback_arrives_as_it_was();
    a_thousand_xruns_are_a_thousand();
    the_time_of_a_callback_is_its_own();
    a_late_reader_costs_what_does_not_fit();
    the_last_packet_tells_the_rest();
    three_threads_agree();
    bad_arguments_are_refused();
    every_failure_is_told_and_leaks_nothing();
#ifdef __GLIBC__
    no_thread_is_told_and_can_be_asked_for_again();
#endif
    return 0;
}
