/* The passes of fft.h, WIDTH values at a time. For files that have included fft_dft.h and defined
   WIDTH, load, store, zipped, unzipped and what their head needs. No guard: one per file. */

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

static inline cvec load_block(const float *x) {
    return (cvec){load(x), load(x + WIDTH)};
}

static inline void store_block(float *y, cvec v) {
    store(y, v.re);
    store(y + WIDTH, v.im);
}

static inline cvec load_pairs(const float *pairs) {
    return unzipped(load_block(pairs));
}

/* The first n pairs of WIDTH; zeros for the others, which are not touched. */
INLINE cvec load_some(const float *pairs, size_t n) {
    if (n == WIDTH) return load_pairs(pairs);
    size_t second = 2 * n > WIDTH ? 2 * n - WIDTH : 0;
    return unzipped((cvec){load_first(pairs, 2 * n), load_first(pairs + WIDTH, second)});
}

static inline void store_pairs(float *pairs, cvec v) {
    store_block(pairs, zipped(v));
}

#define PASS(RADIX)                                                                                \
    INLINE void butterfly##RADIX(float *y, const float *x, size_t stride, size_t apart,            \
                                 const float *w) {                                                 \
        cvec v[RADIX];                                                                             \
        UNROLL for (size_t j = 0; j < RADIX; j++) v[j] = load_block(x + apart * j);                \
        dft##RADIX(v);                                                                             \
        store_block(y, v[0]);                                                                      \
        UNROLL for (size_t k = 1; k < RADIX; k++) {                                                \
            if (w) v[k] = mul(v[k], splat(w[2 * k - 2]), splat(w[2 * k - 1]));                     \
            store_block(y + stride * k, v[k]);                                                     \
        }                                                                                          \
    }                                                                                              \
    static VO_REALTIME void pass##RADIX(const vo_fft_pass *pass, float *y, const float *x) {       \
        const size_t stride = 2 * (size_t)pass->stride, apart = stride * pass->rest;               \
        const float *w = pass->twiddles;                                                           \
        for (size_t q = 0; q < stride; q += 2 * WIDTH)                                             \
            butterfly##RADIX(y + q, x + q, stride, apart, NULL);                                   \
        for (size_t p = 1; p < pass->rest; p++) {                                                  \
            w += 2 * (RADIX - 1);                                                                  \
            x += stride;                                                                           \
            y += RADIX * stride;                                                                   \
            for (size_t q = 0; q < stride; q += 2 * WIDTH)                                         \
                butterfly##RADIX(y + q, x + q, stride, apart, w);                                  \
        }                                                                                          \
    }

PASS(2)
PASS(3)
PASS(4)
PASS(5)
PASS(8)

/* Times a block of twiddles. */
static inline cvec turned(cvec v, const float *w) {
    return mul(v, load(w), load(w + WIDTH));
}

#if WIDTH == 16
/* One block of the first pass: sixteen points in two steps of four, then rows to columns; blocks of
   four lanes change places before the lanes in them do. Of each row, `some` values are there. */
INLINE void head_block(float *y, const float *pairs, size_t apart, const float *w, size_t some) {
    cvec t[4][4];
    vec re[4][4], im[4][4];
    UNROLL for (size_t j = 0; j < 4; j++) {
        const float *row = pairs + apart * j;
        UNROLL for (size_t i = 0; i < 4; i++) t[j][i] = load_some(row + 4 * apart * i, some);
        dft4(t[j]);
        turn16(t[j], j);
    }
    UNROLL for (size_t i = 0; i < 4; i++) {
        cvec v[4] = {t[0][i], t[1][i], t[2][i], t[3][i]};
        dft4(v);
        UNROLL for (size_t j = 0; j < 4; j++) {
            size_t k = i + 4 * j;
            if (k) v[j] = turned(v[j], w + 2 * WIDTH * (k - 1));
        }
        transpose_blocks(re[i], v[0].re, v[1].re, v[2].re, v[3].re);
        transpose_blocks(im[i], v[0].im, v[1].im, v[2].im, v[3].im);
    }
    UNROLL for (size_t b = 0; b < 4; b++) {
        transpose_lanes(y + 8 * WIDTH * b, re[0][b], re[1][b], re[2][b], re[3][b]);
        transpose_lanes(y + 8 * WIDTH * b + WIDTH, im[0][b], im[1][b], im[2][b], im[3][b]);
    }
}
#else
INLINE void head_block(float *y, const float *pairs, size_t apart, const float *w, size_t some) {
    cvec v[WIDTH];
    vec re[WIDTH], im[WIDTH];
    UNROLL for (size_t j = 0; j < WIDTH; j++) v[j] = load_some(pairs + apart * j, some);
    HEAD_DFT(v);
    UNROLL for (size_t k = 0; k < WIDTH; k++) {
        if (k) v[k] = turned(v[k], w + 2 * WIDTH * (k - 1));
        re[k] = v[k].re;
        im[k] = v[k].im;
    }
    transpose(re);
    transpose(im);
    UNROLL for (size_t k = 0; k < WIDTH; k++) store_block(y + 2 * WIDTH * k, (cvec){re[k], im[k]});
}
#endif

/* The last block overlaps the one before it; where there is none, it is one of fewer values. */
static VO_REALTIME void head(const vo_fft_pass *pass, float *y, const float *pairs) {
    const size_t rest = pass->rest;
    const float *w = pass->twiddles;
    if (rest < WIDTH) {
        head_block(y, pairs, 2 * rest, w, rest);
        return;
    }
    for (size_t at = 0; at < rest; at += WIDTH, w += 2 * WIDTH * (WIDTH - 1)) {
        size_t p = at + WIDTH <= rest ? at : rest - WIDTH;
        head_block(y + 2 * WIDTH * p, pairs + 2 * p, 2 * rest, w, WIDTH);
    }
}
