/* Masks of lanes, for what follows begin_avx512.h. No guard: once per file. */
enum { WIDTH = 16 };

/* Ones for the first n lanes, n < WIDTH. */
static inline __mmask16 first_lanes(size_t n) {
    return (__mmask16)((1u << n) - 1);
}

/* Ones for the first n pairs of lanes in two vectors, n < WIDTH. */
static inline __mmask32 first_pairs(size_t n) {
    return (__mmask32)((1ull << 2 * n) - 1);
}
