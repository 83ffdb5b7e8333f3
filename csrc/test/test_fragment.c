#include "vocana/fragment.h"

#include "check.h"

/* D15: as audioop of Python 3.11 answers. */
int main(void) {
    const int16_t x[] = {-32768, 32767, -1, 0, 1, 12345, -12346, 3};
    int16_t mono[4];
    int8_t bytes[8];
    int32_t words[8];
    CHECK(vo_fragment_rms(x, 2, 8) == 17508 && vo_fragment_max(x, 2, 8) == 32768);
    vo_fragment_lin2lin(bytes, 1, x, 2, 8);
    CHECK(bytes[0] == -128 && bytes[1] == 127 && bytes[2] == -1 && bytes[5] == 48);
    vo_fragment_lin2lin(words, 4, x, 2, 8);
    CHECK(words[0] == INT32_MIN && words[2] == -65536 && vo_fragment_max(words, 4, 8) == 1u << 31);
    vo_fragment_tomono(mono, x, 2, 0.5, 0.5, 4);
    CHECK(mono[0] == -1 && mono[1] == -1 && mono[2] == 6173 && mono[3] == -6172);
    vo_fragment_tomono(mono, x, 2, 2, 0, 4);
    CHECK(mono[0] == INT16_MIN && mono[1] == -2 && mono[3] == -24692);
    CHECK(vo_fragment_rms(x, 2, 0) == 0 && vo_fragment_max(x, 2, 0) == 0);
    puts("fragment: as audioop answers");
    return 0;
}
