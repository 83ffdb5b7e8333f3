/* Discrete Fourier transforms of 2 to 16 points, WIDTH of them side by side. For files that have
   defined vec, splat, madd(a, b, c) = a b + c and nmadd(a, b, c) = c - a b. No guard: one per file.

   Written for the fewest roundings: what is multiplied is added in the same step where it can be.
 */

typedef struct cvec {
    vec re, im;
} cvec;

static inline cvec add(cvec a, cvec b) {
    return (cvec){a.re + b.re, a.im + b.im};
}

static inline cvec sub(cvec a, cvec b) {
    return (cvec){a.re - b.re, a.im - b.im};
}

/* a + i b */
static inline cvec add_i(cvec a, cvec b) {
    return (cvec){a.re - b.im, a.im + b.re};
}

/* a - i b */
static inline cvec sub_i(cvec a, cvec b) {
    return (cvec){a.re + b.im, a.im - b.re};
}

/* a + f b */
static inline cvec add_scaled(cvec a, cvec b, vec f) {
    return (cvec){madd(b.re, f, a.re), madd(b.im, f, a.im)};
}

/* a - f b */
static inline cvec sub_scaled(cvec a, cvec b, vec f) {
    return (cvec){nmadd(b.re, f, a.re), nmadd(b.im, f, a.im)};
}

static inline cvec mul(cvec a, vec re, vec im) {
    return (cvec){nmadd(a.im, im, a.re * re), madd(a.im, re, a.re * im)};
}

static inline void dft2(cvec x[2]) {
    cvec sum = add(x[0], x[1]);
    x[1] = sub(x[0], x[1]);
    x[0] = sum;
}

static inline void dft3(cvec x[3]) {
    const vec sine = splat(0.866025403784438646764f); /* of 60 degrees */
    cvec sum = add(x[1], x[2]), rest = sub(x[1], x[2]);
    cvec middle = sub_scaled(x[0], sum, splat(0.5f));
    rest = (cvec){rest.re * sine, rest.im * sine};
    x[0] = add(x[0], sum);
    x[1] = sub_i(middle, rest);
    x[2] = add_i(middle, rest);
}

static inline void dft4(cvec x[4]) {
    cvec a = add(x[0], x[2]), b = sub(x[0], x[2]), c = add(x[1], x[3]), d = sub(x[1], x[3]);
    x[0] = add(a, c);
    x[1] = sub_i(b, d);
    x[2] = sub(a, c);
    x[3] = add_i(b, d);
}

static inline void dft5(cvec x[5]) {
    const vec c1 = splat(0.309016994374947424102f), c2 = splat(-0.809016994374947424102f);
    const vec s1 = splat(0.951056516295153572116f), s2 = splat(0.587785252292473129169f);
    cvec a = add(x[1], x[4]), b = sub(x[1], x[4]), c = add(x[2], x[3]), d = sub(x[2], x[3]);
    cvec e = add_scaled(add_scaled(x[0], a, c1), c, c2);
    cvec f = add_scaled(add_scaled(x[0], a, c2), c, c1);
    cvec g = {madd(d.re, s2, b.re * s1), madd(d.im, s2, b.im * s1)};
    cvec h = {nmadd(d.re, s1, b.re * s2), nmadd(d.im, s1, b.im * s2)};
    x[0] = add(x[0], add(a, c));
    x[1] = sub_i(e, g);
    x[2] = sub_i(f, h);
    x[3] = add_i(f, h);
    x[4] = add_i(e, g);
}

/* Even and odd points by themselves; the odd ones turned by 45, 90 and 135 degrees. */
static inline void dft8(cvec x[8]) {
    const vec h = splat(0.707106781186547524401f);
    cvec a[4] = {x[0], x[2], x[4], x[6]}, b[4] = {x[1], x[3], x[5], x[7]};
    dft4(a);
    dft4(b);
    cvec b1 = {b[1].re + b[1].im, b[1].im - b[1].re};
    cvec b3 = {b[3].im - b[3].re, b[3].im + b[3].re};
    x[0] = add(a[0], b[0]);
    x[4] = sub(a[0], b[0]);
    x[1] = add_scaled(a[1], b1, h);
    x[5] = sub_scaled(a[1], b1, h);
    x[2] = sub_i(a[2], b[2]);
    x[6] = add_i(a[2], b[2]);
    x[3] = (cvec){madd(b3.re, h, a[3].re), nmadd(b3.im, h, a[3].im)};
    x[7] = (cvec){nmadd(b3.re, h, a[3].re), madd(b3.im, h, a[3].im)};
}

/* Times w^j for w = e^(-2 pi i / 16) and its powers: between the two steps of sixteen points. */
static inline void turn16(cvec x[4], size_t j) {
    const vec h = splat(0.707106781186547524401f);
    const vec c = splat(0.923879532511286756128f), s = splat(0.382683432365089771728f);
    if (j == 1) {
        x[1] = mul(x[1], c, -s);
        x[2] = (cvec){(x[2].re + x[2].im) * h, (x[2].im - x[2].re) * h};
        x[3] = mul(x[3], s, -c);
    } else if (j == 2) {
        x[1] = (cvec){(x[1].re + x[1].im) * h, (x[1].im - x[1].re) * h};
        x[2] = (cvec){x[2].im, -x[2].re};
        x[3] = (cvec){(x[3].im - x[3].re) * h, -(x[3].im + x[3].re) * h};
    } else if (j == 3) {
        x[1] = mul(x[1], s, -c);
        x[2] = (cvec){(x[2].im - x[2].re) * h, -(x[2].im + x[2].re) * h};
        x[3] = mul(x[3], -c, s);
    }
}
