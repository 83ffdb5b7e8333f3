/* Logarithm and power of 2 in float, to 1e-7, for vectors of any width: coefficients, and the bits
   that separate an exponent from a mantissa of 1/sqrt(2)..sqrt(2). Found as the smallest greatest
   error over that range, and over -1/2..1/2. */
#ifndef VOCANA_KERNELS_POLYNOMIALS_H
#define VOCANA_KERNELS_POLYNOMIALS_H

#define VO_HALF_SQRT2_BITS 0x3f3504f3
#define VO_MANTISSA_BITS 23
#define VO_LEAST_NORMAL 0x1p-126f

/* Added and taken away again, it rounds to a whole number. */
#define VO_ROUND 0x1.8p23f

/* log2(1 + f) / f, highest power first. */
#define VO_LOG2_MAP(X)                                                                             \
    X(-0.14587023854255676f)                                                                       \
    X(0.23681433498859406f)                                                                        \
    X(-0.24999359250068665f)                                                                       \
    X(0.2867179214954376f)                                                                         \
    X(-0.36009588837623596f)                                                                       \
    X(0.48093894124031067f)                                                                        \
    X(-0.7213568687438965f)                                                                        \
    X(1.4426947832107544f)

/* 2^r, highest power first. */
#define VO_EXP2_MAP(X)                                                                             \
    X(0.0013407255755737424f)                                                                      \
    X(0.009671875275671482f)                                                                       \
    X(0.055503085255622864f)                                                                       \
    X(0.24022234976291656f)                                                                        \
    X(0.6931472420692444f)                                                                         \
    X(1.0f)

#endif
