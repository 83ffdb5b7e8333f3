/* A device in another process: its callback sends packets of frames through a pipe, and here a
   thread hands each to a vo_capture as the device would have done.

   A packet is one callback: its frames, what was lost before them, the device's flags and the time.
   Both ends are of one machine and one version; what arrives is checked as if they were not. */
#ifndef VOCANA_LINK_H
#define VOCANA_LINK_H

#include "capture.h"

VO_BEGIN_DECLS

/* A callback of more frames becomes several packets. */
enum { VO_LINK_MAX_FRAMES = 8192 };

typedef enum vo_link_state {
    VO_LINK_IDLE,    /* not started */
    VO_LINK_RUNNING, /* packets move when there are any */
    VO_LINK_ENDED,   /* the last packet said that it is the last one */
    VO_LINK_GONE,    /* the other end has gone, maybe in the middle of a packet */
    VO_LINK_GARBAGE, /* what came is no packet, or not the next one */
    VO_LINK_STOPPED, /* told to, before any of these */
} vo_link_state;

typedef struct vo_link_stats {
    uint64_t packets;
    uint64_t frames; /* in these */
    uint64_t lost;   /* frames that these packets say were lost before them */
} vo_link_stats;

/* --- The end that has the device ----------------------------------------- */

typedef struct vo_link_sender vo_link_sender;

/* Setup thread. `descriptor` is the writing end of a pipe or a connected socket; it stays the
   caller's, and becomes non-blocking. Callbacks find room for `capacity_frames` while the other end
   is late. BAD_ARG for no channels or frames, TOO_BIG, NO_MEM, SYSTEM for a bad descriptor. */
VO_NODISCARD vo_status vo_link_sender_new(vo_link_sender **out, int descriptor, uint32_t channels,
                                          uint64_t capacity_frames, const vo_allocator *allocator);

/* Once: BAD_ARG after that. SYSTEM when no thread can be had. */
VO_NODISCARD vo_status vo_link_sender_start(vo_link_sender *sender);

/* No callback may run any more. Sends what is queued and the last packet: OK when all of it is in
   the pipe, TIMED_OUT when it was not in time. The thread has ended in either case. */
vo_status vo_link_sender_stop(vo_link_sender *sender, int64_t timeout_ns);

/* Only after vo_link_sender_stop, or when never started. */
void vo_link_sender_free(vo_link_sender *sender);

/* Audio thread only: as vo_capture_process. A full queue loses the frames and counts them. */
void vo_link_send(vo_link_sender *sender, const float *frames, uint32_t n, uint64_t lost,
                  uint32_t flags) VO_REALTIME;

/* The same with the prototype of a PortAudio stream callback; user is the vo_link_sender. */
int vo_link_portaudio(const void *input, void *output, unsigned long n, const void *time,
                      unsigned long flags, void *user) VO_REALTIME;

/* Any thread. */
vo_link_state vo_link_sender_state(const vo_link_sender *sender) VO_REALTIME;
vo_link_stats vo_link_sender_stats(const vo_link_sender *sender) VO_REALTIME;

/* --- The end that has the capture ---------------------------------------- */

typedef struct vo_link_receiver vo_link_receiver;

/* Setup thread. `descriptor` is the reading end; it stays the caller's, and becomes non-blocking.
   `channels` are those of the capture. BAD_ARG for none, TOO_BIG, NO_MEM, SYSTEM. */
VO_NODISCARD vo_status vo_link_receiver_new(vo_link_receiver **out, int descriptor,
                                            uint32_t channels, vo_capture *capture,
                                            const vo_allocator *allocator);

/* Once: BAD_ARG after that. From here on the capture's audio thread is the receiver's. */
VO_NODISCARD vo_status vo_link_receiver_start(vo_link_receiver *receiver);

/* Waits for the other end to end by itself, until the timeout; then ends in any case. The capture
   is not ended, and has no audio thread any more. */
void vo_link_receiver_stop(vo_link_receiver *receiver, int64_t timeout_ns);

/* Only after vo_link_receiver_stop, or when never started. */
void vo_link_receiver_free(vo_link_receiver *receiver);

/* Any thread. */
vo_link_state vo_link_receiver_state(const vo_link_receiver *receiver) VO_REALTIME;
vo_link_stats vo_link_receiver_stats(const vo_link_receiver *receiver) VO_REALTIME;

VO_END_DECLS

#endif
