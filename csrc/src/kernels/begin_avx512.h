/* What follows, up to end_target.h, is compiled for AVX-512 (F, BW, DQ, VL). No guard: a pair per
   file. */
#ifdef __clang__
#    include <immintrin.h>
#    pragma clang attribute push(                                                                  \
        __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))),                    \
        apply_to = function)
#else
#    pragma GCC push_options
#    pragma GCC target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")
#    include <immintrin.h>
#endif
