#include "hops.h"

#include <string.h>

/* Bit patterns of the magnitudes that count: the least normal number, and 10. */
enum { LEAST = 0x00800000, MOST = 0x41200000 };

static const float LIMIT = 10;

vo_status vo_hops_init(vo_hops *hops, uint32_t rate, uint32_t channels,
                       const vo_allocator *allocator) {
    hops->rows = NULL;
    hops->refused = NULL;
    if (rate < VO_HOPS_A_SECOND || !channels || channels > VO_HOPS_MOST_CHANNELS) return VO_BAD_ARG;
    hops->kernels = vo_kernels_select();
    hops->rate = rate;
    hops->channels = channels;
    hops->row_frames = (rate / VO_HOPS_A_SECOND + 16) & ~15u;
    size_t bytes;
    if (!vo_size_mul(hops->row_frames, channels * sizeof(float), &bytes)) return VO_TOO_BIG;
    hops->rows = vo_alloc(allocator, bytes, VO_CACHE_LINE);
    hops->refused = vo_alloc(allocator, channels * sizeof(uint64_t), VO_CACHE_LINE);
    if (!hops->rows || !hops->refused) return VO_NO_MEM;
    vo_hops_reset(hops);
    return VO_OK;
}

void vo_hops_release(vo_hops *hops, const vo_allocator *allocator) {
    vo_release(allocator, hops->rows);
    vo_release(allocator, hops->refused);
}

void vo_hops_reset(vo_hops *hops) {
    memset(hops->refused, 0, hops->channels * sizeof *hops->refused);
    hops->rest = 0;
    vo_hops_next(hops);
}

void vo_hops_next(vo_hops *hops) {
    uint32_t owed = hops->rest + hops->rate % VO_HOPS_A_SECOND;
    hops->frames = hops->rate / VO_HOPS_A_SECOND + owed / VO_HOPS_A_SECOND;
    hops->rest = owed % VO_HOPS_A_SECOND;
    hops->filled = 0;
}

static uint32_t clean(float *x, size_t n) {
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffff;
        if (bits >= LEAST && bits <= MOST) continue;
        count += bits != 0;
        x[i] = 0;
    }
    return count;
}

/* Whether the channels lie beside each other, frame after frame. */
static bool interleaved(const vo_hops *hops, const float *const *x, size_t stride) {
    for (uint32_t c = 0; c < hops->channels; c++)
        if (x[c] != x[0] + c) return false;
    return stride == hops->channels && stride > 1;
}

size_t vo_hops_take(vo_hops *hops, const float *const *x, size_t stride, size_t at, size_t n) {
    float *rows[VO_HOPS_MOST_CHANNELS];
    size_t room = hops->frames - hops->filled;
    if (n > room) n = room;
    for (uint32_t c = 0; c < hops->channels; c++)
        rows[c] = hops->rows + (size_t)c * hops->row_frames + hops->filled;
    bool woven = interleaved(hops, x, stride);
    if (woven) hops->kernels.deinterleave(rows, x[0] + at * stride, hops->channels, n);
    for (uint32_t c = 0; c < hops->channels; c++) {
        const float *from = x[c] + at * stride;
        if (stride == 1) memcpy(rows[c], from, n * sizeof(float));
        for (size_t i = 0; !woven && stride != 1 && i < n; i++) rows[c][i] = from[i * stride];
        if (hops->kernels.classify(rows[c], n, LIMIT) & ~(uint32_t)VO_SEEN_SIGNAL)
            hops->refused[c] += clean(rows[c], n);
    }
    hops->filled += (uint32_t)n;
    return n;
}
