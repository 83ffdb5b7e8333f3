/* Where a stream of frames goes: up to VO_OUTLETS taps, each with a ring, a policy and an account
   of its own, that come and go while the stream runs. A full tap touches no other. */
#ifndef VOCANA_OUTLETS_H
#define VOCANA_OUTLETS_H

#include "tap.h"

VO_BEGIN_DECLS

#define VO_OUTLETS 8

typedef struct vo_outlets vo_outlets;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_outlets_new(vo_outlets **out, uint32_t channels,
                                      const vo_allocator *allocator);

/* The taps stay: they are their owners'. */
void vo_outlets_free(vo_outlets *outlets);

/* --- Control thread, one at a time --------------------------------------- */

/* Frames from now on go to this tap too; its frame 0 is vo_outlets_first of the stream, and when
   that has ended, so has the tap. BAD_ARG for a tap that is attached already or has another number
   of channels, EMPTY when there are VO_OUTLETS. */
VO_NODISCARD vo_status vo_outlets_attach(vo_outlets *outlets, vo_tap *tap);

/* No frame goes there any more, and nobody touches it. BAD_ARG when it is not attached; TIMED_OUT
   when the writing thread does not come out of a write in time: the tap then has to stay for ever.
 */
VO_NODISCARD vo_status vo_outlets_detach(vo_outlets *outlets, vo_tap *tap, int64_t timeout_ns);

/* --- The thread that writes, and no other -------------------------------- */

/* Frames, losses, events at a frame of the stream, and the end go to every tap. */
void vo_outlets_write(vo_outlets *outlets, const float *frames, uint32_t n) VO_REALTIME;
void vo_outlets_lose(vo_outlets *outlets, uint64_t n, vo_cause cause) VO_REALTIME;
void vo_outlets_tell(vo_outlets *outlets, vo_event_kind kind, uint64_t frame,
                     uint64_t value) VO_REALTIME;
void vo_outlets_end(vo_outlets *outlets) VO_REALTIME;

/* Frames that every tap can queue now, and when it is empty; UINT64_MAX without taps. */
uint64_t vo_outlets_room(vo_outlets *outlets) VO_REALTIME;
uint64_t vo_outlets_capacity(vo_outlets *outlets) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

uint32_t vo_outlets_channels(const vo_outlets *outlets) VO_REALTIME;

/* Frame of the stream that is frame 0 of an attached tap, once something has come for it; before
   that VO_OUTLETS_NOTHING. */
#define VO_OUTLETS_NOTHING UINT64_MAX
uint64_t vo_outlets_first(const vo_outlets *outlets, const vo_tap *tap) VO_REALTIME;

/* Frames of the stream so far, lost ones too. */
uint64_t vo_outlets_position(const vo_outlets *outlets) VO_REALTIME;

/* Whether no frame will follow. */
bool vo_outlets_ended(const vo_outlets *outlets) VO_REALTIME;

VO_END_DECLS

#endif
