/* Intel's Integrated Performance Primitives behind the table that every contender fills. Compiled
   when the benchmark runs, where the library is installed. */
#include <stddef.h>
#include <stdint.h>

/* As in csrc/bench/samples/samples.h. */
typedef struct vo_bench_samples {
    void (*gain)(float *out, const float *x, float g, size_t n);
    void (*mix)(float *y, const float *x, float g, size_t n);
    void (*interleave)(float *out, float *const *rows, uint32_t channels, size_t n);
    void (*deinterleave)(float *const *rows, const float *x, uint32_t channels, size_t n);
    void (*from_int16)(float *out, const int16_t *x, size_t n);
    void (*to_int16)(int16_t *out, const float *x, size_t n);
    void (*level)(const float *x, size_t n, float *peak, double *energy);
    void (*fade)(float *out, const float *from, const float *to, const float *gain, size_t n);
} vo_bench_samples;

/* As in ipps.h, which the package of the library does not bring. */
int ippsMulC_32f_I(float value, float *x, int n);
int ippsAddProductC_32f(const float *x, float value, float *y, int n);
int ippsRealToCplx_32f(const float *re, const float *im, float *out, int n);
int ippsCplxToReal_32fc(const float *x, float *re, float *im, int n);
int ippsConvert_16s32f_Sfs(const int16_t *x, float *out, int n, int scale);
int ippsConvert_32f16s_Sfs(const float *x, int16_t *out, int n, int rounding, int scale);
enum { TO_EVEN = 1, FULL_SCALE = 15 };

static void gain(float *out, const float *x, float g, size_t n) {
    (void)x; /* which is out */
    ippsMulC_32f_I(g, out, (int)n);
}

static void mix(float *y, const float *x, float g, size_t n) {
    ippsAddProductC_32f(x, g, y, (int)n);
}

static void interleave(float *out, float *const *rows, uint32_t channels, size_t n) {
    (void)channels;
    ippsRealToCplx_32f(rows[0], rows[1], out, (int)n);
}

static void deinterleave(float *const *rows, const float *x, uint32_t channels, size_t n) {
    (void)channels;
    ippsCplxToReal_32fc(x, rows[0], rows[1], (int)n);
}

static void from_int16(float *out, const int16_t *x, size_t n) {
    ippsConvert_16s32f_Sfs(x, out, (int)n, FULL_SCALE);
}

static void to_int16(int16_t *out, const float *x, size_t n) {
    ippsConvert_32f16s_Sfs(x, out, (int)n, TO_EVEN, -FULL_SCALE);
}

const vo_bench_samples vo_bench_peer = {.gain = gain,
                                        .mix = mix,
                                        .interleave = interleave,
                                        .deinterleave = deinterleave,
                                        .from_int16 = from_int16,
                                        .to_int16 = to_int16};
