/* D8: windows by name, as their sources define them. */
#include "vocana/window.h"

#include <math.h>
#include <string.h>

#include "check.h"

#define PI 3.14159265358979323846

enum { N = 960 };

static void names_and_windows_are_one_to_one(void) {
    uint32_t count = 0;
    vo_window window;
    for (; vo_window_name(count); count++) {
        CHECK(vo_window_named(&window, vo_window_name(count)) == VO_OK);
        CHECK((uint32_t)window == count);
    }
    CHECK(count == VO_WINDOW_VORBIS + 1);
    const char *const none[] = {"", "Hann", "hanning", "hann ", "kaiser"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(vo_window_named(&window, none[i]) == VO_BAD_ARG);
}

/* First factor, middle one, and one in between where it is known in closed form. */
static void factors_are_as_defined(void) {
    const struct row {
        vo_window window;
        double first, middle, quarter;
    } rows[] = {
        {VO_WINDOW_RECTANGULAR, 1, 1, 1},       {VO_WINDOW_HANN, 0, 1, 0.5},
        {VO_WINDOW_SQRT_HANN, 0, 1, sqrt(0.5)}, {VO_WINDOW_HAMMING, 0.08, 1, 0.54},
        {VO_WINDOW_BLACKMAN, 0, 1, 0.34},
    };
    float w[N];
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        vo_window_fill(w, N, rows[r].window);
        CHECK(fabs(w[0] - rows[r].first) < 1e-7 && fabs(w[N / 2] - rows[r].middle) < 1e-7);
        CHECK(fabs(w[N / 4] - rows[r].quarter) < 1e-7);
        for (int i = 1; i < N; i++) CHECK(w[i] == w[N - i] && w[i] >= 0 && w[i] <= 1);
    }
    vo_window_fill(w, N, VO_WINDOW_VORBIS);
    for (int i = 0; i < N; i++) {
        double sine = sin(PI * (i + 0.5) / N);
        CHECK(fabs(w[i] - sin(PI / 2 * sine * sine)) < 1e-7 && fabsf(w[i] - w[N - 1 - i]) < 1e-7f);
    }
}

static void squares_add_up_to_one(void) {
    const vo_window both[] = {VO_WINDOW_SQRT_HANN, VO_WINDOW_VORBIS};
    float w[N];
    for (int k = 0; k < 2; k++) {
        vo_window_fill(w, N, both[k]);
        for (int i = 0; i < N / 2; i++)
            CHECK(fabsf(w[i] * w[i] + w[i + N / 2] * w[i + N / 2] - 1) < 3e-7f);
    }
    vo_window_fill(w, N, VO_WINDOW_HANN);
    CHECK(fabsf(w[N / 4] * w[N / 4] + w[3 * N / 4] * w[3 * N / 4] - 1) > 0.1f);
}

static void the_shortest_are_filled(void) {
    float w[3] = {7, 7, 7};
    for (uint32_t window = 0; vo_window_name(window); window++) {
        vo_window_fill(w, 1, (vo_window)window);
        CHECK(w[0] >= 0 && w[0] <= 1 && w[1] == 7);
    }
    vo_window_fill(w, 0, VO_WINDOW_HANN);
    CHECK(w[1] == 7);
}

int main(void) {
    names_and_windows_are_one_to_one();
    factors_are_as_defined();
    squares_add_up_to_one();
    the_shortest_are_filled();
    return 0;
}
