/* Between blocks and what the caller sees, as fft_passes.h does the passes; needs spliced,
   zipped_back and unzipped_back as well. */

static VO_REALTIME void zip(float *pairs, const float *x, size_t n, float re, float im) {
    for (size_t i = 0; i < 2 * n; i += 2 * WIDTH) {
        cvec v = load_block(x + i);
        store_pairs(pairs + i, (cvec){v.re * splat(re), v.im * splat(im)});
    }
}

/* Blocks from both ends. The mirror of k..k + WIDTH - 1 is the first value of one block and the
   others of the block before; n is 0 again. */
static VO_REALTIME void split(float *spectrum, const float *z, const float *w, size_t n) {
    const vec half = splat(0.5f);
    cvec after = load_block(z);
    for (size_t k = 0; k <= n / 2; k += WIDTH) {
        size_t mirror = n - k - WIDTH;
        cvec a = load_block(z + 2 * k), before = load_block(z + 2 * mirror);
        cvec b = {spliced(before.re, after.re), spliced(before.im, after.im)};
        after = before;
        cvec even = {(a.re + b.re) * half, (a.im - b.im) * half};
        cvec odd = mul((cvec){a.re - b.re, a.im + b.im}, load(w + 2 * k), load(w + 2 * k + WIDTH));
        store_pairs(spectrum + 2 * k, add(even, odd));
        cvec high = {even.re - odd.re, odd.im - even.im};
        store_block(spectrum + 2 * (mirror + 1), zipped_back(high));
    }
}

static VO_REALTIME void join(float *pairs, const float *spectrum, const float *w, size_t n) {
    const vec half = splat(0.5f);
    for (size_t k = 0; k <= n / 2; k += WIDTH) {
        size_t mirror = n - k - WIDTH + 1;
        cvec a = load_pairs(spectrum + 2 * k), b = unzipped_back(load_block(spectrum + 2 * mirror));
        cvec even = {(a.re + b.re) * half, (b.im - a.im) * half};
        cvec odd = mul((cvec){a.re - b.re, -a.im - b.im}, load(w + 2 * k), load(w + 2 * k + WIDTH));
        store_pairs(pairs + 2 * k, add(even, odd));
        cvec high = {even.re - odd.re, odd.im - even.im};
        store_block(pairs + 2 * mirror, zipped_back(high));
    }
    pairs[0] = 0.5f * (spectrum[0] + spectrum[2 * n]);
    pairs[1] = 0.5f * (spectrum[2 * n] - spectrum[0]);
}

/* The table of a level. */
#define FFT_KERNELS(NAME)                                                                          \
    ((vo_fft_kernels){.name = NAME,                                                                \
                      .width = WIDTH,                                                              \
                      .head = head,                                                                \
                      .pass = {[2] = pass2, pass3, pass4, pass5, [8] = pass8},                     \
                      .zip = zip,                                                                  \
                      .split = split,                                                              \
                      .join = join})
