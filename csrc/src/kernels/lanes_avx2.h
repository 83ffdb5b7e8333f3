/* Masks of lanes, for what follows begin_avx2.h. No guard: once per file. */
enum { WIDTH = 8 };

/* Ones in the first n lanes, n <= WIDTH. */
static inline __m256i first_lanes(size_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), lane);
}
