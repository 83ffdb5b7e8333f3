/* What PortAudio calls for a stream: the callback behind it, and whether the stream has come to its
   end. A sound server that dies ends the calls too, and does not say so. */
#ifndef VOCANA_STREAM_H
#define VOCANA_STREAM_H

#include <stdbool.h>

#include "alloc.h"
#include "status.h"

VO_BEGIN_DECLS

typedef struct vo_stream vo_stream;

/* The prototype of a PaStreamCallback. */
typedef int (*vo_stream_callback)(const void *input, void *output, unsigned long n,
                                  const void *time, unsigned long flags, void *user) VO_REALTIME;

/* --- Setup thread ------------------------------------------------------- */

VO_NODISCARD vo_status vo_stream_new(vo_stream **out, vo_stream_callback callback, void *user,
                                     const vo_allocator *allocator);
void vo_stream_free(vo_stream *stream);

/* --- Audio thread only: user is the vo_stream ------------------------------ */

/* Calls the callback. */
int vo_stream_call(const void *input, void *output, unsigned long n, const void *time,
                   unsigned long flags, void *user) VO_REALTIME;

/* No call follows; the prototype of a PaStreamFinishedCallback. */
void vo_stream_finish(void *user) VO_REALTIME;

/* --- Any thread -------------------------------------------------------- */

bool vo_stream_finished(const vo_stream *stream) VO_REALTIME;

VO_END_DECLS

#endif
