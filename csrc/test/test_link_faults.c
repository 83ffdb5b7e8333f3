/* A link whose other end dies, lies or stands still: it ends, and nothing else happens. */
#define _GNU_SOURCE /* usleep, pipe */
#include <sys/wait.h>

#include "link_pair.h"

/* --- What may come instead ------------------------------------------------ */

/* What a sender writes for two callbacks of three frames. */
static size_t two_packets(char *out, size_t room) {
    float frames[3 * CHANNELS];
    link_pair l = open_link(1000);
    CHECK(vo_link_sender_start(l.sender) == VO_OK);
    for (uint64_t i = 0; i < 2; i++) {
        count(frames, i * 3, 3);
        vo_link_send(l.sender, frames, 3, 0, 0);
    }
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_OK);
    ssize_t n = read(l.read_end, out, room);
    CHECK(n == 3 * sizeof(vo_link_header) + 6 * CHANNELS * sizeof(float));
    close_link(l);
    return (size_t)n;
}

/* Let a receiver have these bytes and nothing after them: how it ended, and what it understood,
   which holds counted frames. */
static vo_link_state receive(const void *bytes, size_t n, bool counted, vo_capture_stats *stats) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    vo_capture *capture = stereo_capture(RING);
    vo_link_receiver *receiver;
    CHECK(vo_link_receiver_new(&receiver, ends[0], CHANNELS, capture, NULL) == VO_OK);
    CHECK(write(ends[1], bytes, n) == (ssize_t)n);
    CHECK(vo_link_receiver_start(receiver) == VO_OK);
    close(ends[1]);
    vo_link_receiver_stop(receiver, HOUR_NS);
    vo_link_state state = vo_link_receiver_state(receiver);
    *stats = vo_capture_stats_now(capture);
    if (counted) CHECK(read_counted(vo_capture_tap(capture)) == stats->tap.queued);
    vo_link_receiver_free(receiver);
    vo_capture_free(capture);
    close(ends[0]);
    return state;
}

/* Fault row 9: a process that dies at any byte has given each whole packet before it. */
static void a_cut_at_any_byte_ends_it(void) {
    char bytes[400];
    size_t n = two_packets(bytes, sizeof bytes), packet = (n - sizeof(vo_link_header)) / 2;
    for (size_t cut = 0; cut <= n; cut++) {
        vo_capture_stats stats;
        vo_link_state state = receive(bytes, cut, true, &stats);
        CHECK(state == (cut < n ? VO_LINK_GONE : VO_LINK_ENDED));
        uint64_t whole = cut / packet < 2 ? cut / packet : 2;
        CHECK(stats.callbacks == whole && stats.tap.captured == whole * 3);
    }
}

static void bytes_that_trickle_in_are_packets_too(void) {
    char bytes[400];
    size_t n = two_packets(bytes, sizeof bytes);
    link_pair l = open_link(1000);
    CHECK(vo_link_receiver_start(l.receiver) == VO_OK);
    for (size_t i = 0; i < n; i++) {
        CHECK(write(l.write_end, bytes + i, 1) == 1);
        usleep(i % 50 ? 0 : 1000);
    }
    vo_link_receiver_stop(l.receiver, HOUR_NS);
    CHECK(vo_link_receiver_state(l.receiver) == VO_LINK_ENDED);
    CHECK(read_counted(vo_capture_tap(l.capture)) == 6);
    CHECK(vo_link_sender_stop(l.sender, 0) == VO_OK); /* never started */
    close_link(l);
}

static void what_is_no_packet_ends_it(void) {
    char bytes[400];
    size_t n = two_packets(bytes, sizeof bytes), packet = (n - sizeof(vo_link_header)) / 2;
    vo_link_header good, bad[9];
    memcpy(&good, bytes + packet, sizeof good);
    for (size_t i = 0; i < 9; i++) bad[i] = good;
    bad[0].magic ^= 1;
    bad[1].channels++;
    bad[2].seq--;
    bad[3].seq++;
    bad[4].frames = VO_LINK_MAX_FRAMES + 1;
    bad[5].frames = UINT32_MAX;
    bad[6].lost = VO_LINK_MAX_LOST + 1;
    bad[7].lost = UINT64_MAX;
    bad[8].flags = VO_LINK_LAST; /* with frames */
    vo_capture_stats stats;
    for (size_t i = 0; i < 9; i++) {
        memcpy(bytes + packet, &bad[i], sizeof good);
        CHECK(receive(bytes, n, true, &stats) == VO_LINK_GARBAGE);
        CHECK(stats.callbacks == 1 && stats.tap.captured == 3);
    }
    good.ns = UINT64_MAX; /* later than now means now */
    memcpy(bytes + packet, &good, sizeof good);
    CHECK(receive(bytes, n, true, &stats) == VO_LINK_ENDED && stats.callbacks == 2);
}

static uint64_t random_state = 1;

static uint64_t random_bits(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545F4914F6CDD1Du;
}

/* Bytes at random, and a stream in which some were changed at random. */
static void nothing_that_comes_does_harm(void) {
    char whole[400], bytes[400];
    size_t n = two_packets(whole, sizeof whole);
    for (int round = 0; round < 1000; round++) {
        memcpy(bytes, whole, n);
        uint64_t changes = round % 3 ? random_bits() % 4 : n;
        for (uint64_t i = 0; i < changes; i++)
            bytes[random_bits() % sizeof(vo_link_header)] = (char)(random_bits() >> 8);
        vo_capture_stats stats;
        vo_link_state state = receive(bytes, random_bits() % (n + 1), false, &stats);
        CHECK(state == VO_LINK_GONE || state == VO_LINK_GARBAGE || state == VO_LINK_ENDED);
        CHECK(stats.callbacks <= 3 && stats.tap.queued <= n / sizeof(float));
    }
}

/* --- Ends that go --------------------------------------------------------- */

static void a_reader_that_goes_ends_the_sender(void) {
    float frames[CHANNELS] = {0};
    link_pair l = open_link(1000);
    CHECK(vo_link_sender_start(l.sender) == VO_OK);
    close(l.read_end);
    vo_link_send(l.sender, frames, 1, 0, 0);
    while (vo_link_sender_state(l.sender) == VO_LINK_RUNNING) usleep(100);
    CHECK(vo_link_sender_state(l.sender) == VO_LINK_GONE); /* and SIGPIPE hit nobody */
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_TIMED_OUT);
    l.read_end = -1;
    close_link(l);
}

/* The reader goes while nothing is sent, so that only the last packet finds out. */
static void a_reader_that_goes_before_the_last_packet(void) {
    link_pair l = open_link(1000);
    CHECK(vo_link_sender_start(l.sender) == VO_OK);
    close(l.read_end);
    l.read_end = -1;
    CHECK(vo_link_sender_stop(l.sender, HOUR_NS) == VO_TIMED_OUT);
    CHECK(vo_link_sender_state(l.sender) == VO_LINK_GONE);
    close_link(l);
}

static void a_pipe_the_wrong_way_round_has_gone(void) {
    link_pair l = open_link(1000);
    vo_link_receiver *receiver;
    CHECK(vo_link_receiver_new(&receiver, l.write_end, CHANNELS, l.capture, NULL) == VO_OK);
    CHECK(vo_link_receiver_start(receiver) == VO_OK);
    vo_link_receiver_stop(receiver, HOUR_NS);
    CHECK(vo_link_receiver_state(receiver) == VO_LINK_GONE);
    vo_link_receiver_free(receiver);
    close_link(l);
}

/* Fault row 10: both ends stop in time, whatever the other does. */
static void both_ends_stop_in_time(void) {
    static float frames[VO_LINK_MAX_FRAMES * CHANNELS];
    for (int full = 0; full < 2; full++) {
        link_pair l = open_link(RING);
        CHECK(vo_link_sender_start(l.sender) == VO_OK);
        if (full) /* beyond what the pipe holds */
            for (int i = 0; i < 7; i++) vo_link_send(l.sender, frames, VO_LINK_MAX_FRAMES, 0, 0);
        CHECK(vo_link_sender_stop(l.sender, 10000000) == (full ? VO_TIMED_OUT : VO_OK));
        CHECK(vo_link_sender_state(l.sender) == (full ? VO_LINK_STOPPED : VO_LINK_ENDED));
        close_link(l);

        l = open_link(RING);
        CHECK(vo_link_receiver_start(l.receiver) == VO_OK);
        if (full) CHECK(write(l.write_end, "VoLk", 4) == 4); /* a packet that never ends */
        vo_link_receiver_stop(l.receiver, 10000000);
        CHECK(vo_link_receiver_state(l.receiver) == VO_LINK_STOPPED);
        vo_link_receiver_stop(l.receiver, 0);
        close_link(l);
    }
}

/* A process that is killed while it sends: the capture has whole callbacks. */
static void a_killed_process_loses_its_own_alone(void) {
    for (int round = 0; round < 20; round++) {
        int ends[2];
        CHECK(pipe(ends) == 0);
        pid_t child = fork();
        CHECK(child >= 0);
        if (!child) {
            vo_link_sender *sender;
            CHECK(vo_link_sender_new(&sender, ends[1], CHANNELS, RING, NULL) == VO_OK);
            CHECK(vo_link_sender_start(sender) == VO_OK);
            for (;;) call_often(sender);
        }
        close(ends[1]);
        vo_capture *capture = stereo_capture(RING);
        vo_link_receiver *receiver;
        CHECK(vo_link_receiver_new(&receiver, ends[0], CHANNELS, capture, NULL) == VO_OK);
        CHECK(vo_link_receiver_start(receiver) == VO_OK);
        while (vo_link_receiver_stats(receiver).packets < 50) usleep(200);
        usleep((unsigned)(random_bits() % 1000));
        CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
        vo_link_receiver_stop(receiver, HOUR_NS);
        CHECK(vo_link_receiver_state(receiver) == VO_LINK_GONE);
        vo_link_stats got = vo_link_receiver_stats(receiver);
        CHECK(vo_capture_stats_now(capture).tap.captured == got.frames + got.lost);
        CHECK(got.frames == got.packets * 128);
        vo_link_receiver_free(receiver);
        vo_capture_free(capture);
        close(ends[0]);
    }
}

int main(void) {
    watch_for_a_hang();
    a_cut_at_any_byte_ends_it();
    bytes_that_trickle_in_are_packets_too();
    what_is_no_packet_ends_it();
    nothing_that_comes_does_harm();
    a_reader_that_goes_ends_the_sender();
    a_reader_that_goes_before_the_last_packet();
    a_pipe_the_wrong_way_round_has_gone();
    both_ends_stop_in_time();
    a_killed_process_loses_its_own_alone();
    return 0;
}
