/* What follows, up to end_target.h, is compiled for AVX2 with FMA. No guard: a pair per file. */
#ifdef __clang__
#    include <immintrin.h>
#    pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#    pragma GCC push_options
#    pragma GCC target("avx2,fma")
#    include <immintrin.h>
#endif
