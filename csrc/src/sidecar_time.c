#include <string.h>

#include "sidecar.h"

#define SECOND_NS INT64_C(1000000000)
#define DAY_S INT64_C(86400)

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_year(int64_t year) {
    return 365 + is_leap(year);
}

/* month from 1 */
static int64_t days_of_month(int64_t year, int64_t month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Each run of zeros is a number. */
static const char form[VO_SIDECAR_TIME_BYTES] = "0000-00-00T00:00:00.000000000Z";

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, NS, NUMBERS };

void vo_sidecar_put_time(char out[VO_SIDECAR_TIME_BYTES], int64_t wall_ns) {
    int64_t ns = wall_ns % SECOND_NS, s = wall_ns / SECOND_NS;
    if (ns < 0) ns += SECOND_NS, s--;
    int64_t day = s / DAY_S, year = 1970, month = 1;
    s %= DAY_S;
    if (s < 0) s += DAY_S, day--;
    while (day < 0) day += days_of_year(--year);
    for (; day >= days_of_year(year); year++) day -= days_of_year(year);
    for (; day >= days_of_month(year, month); month++) day -= days_of_month(year, month);
    int64_t numbers[NUMBERS] = {year, month, day + 1, s / 3600, s / 60 % 60, s % 60, ns};
    int at = NUMBERS - 1;
    memcpy(out, form, sizeof form);
    for (int i = sizeof form - 3; i >= 0; i--) { /* from the last digit on */
        if (form[i] != '0') {
            at--;
            continue;
        }
        out[i] = (char)('0' + numbers[at] % 10);
        numbers[at] /= 10;
    }
}

bool vo_sidecar_read_time(const char text[VO_SIDECAR_TIME_BYTES], int64_t *wall_ns) {
    int64_t numbers[NUMBERS + 1] = {0};
    int at = 0;
    for (int i = 0; form[i]; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
        if (digit)
            numbers[at] = numbers[at] * 10 + (text[i] - '0');
        else
            at++;
    }
    int64_t year = numbers[YEAR], month = numbers[MONTH], day = numbers[DAY] - 1;
    if (year < 1600 || year > 2400 || month < 1 || month > 12 || day < 0 ||
        day >= days_of_month(year, month) || numbers[HOUR] > 23 || numbers[MINUTE] > 59 ||
        numbers[SECOND] > 59)
        return false;
    while (--month) day += days_of_month(year, month);
    while (year > 1970) day += days_of_year(--year);
    while (year < 1970) day -= days_of_year(year++);
    int64_t ns = numbers[NS], s = numbers[HOUR] * 3600 + numbers[MINUTE] * 60 + numbers[SECOND];
    s += day * DAY_S;
    if (s < 0 && ns) s++, ns -= SECOND_NS; /* so that the product is not beyond the sum */
    return !__builtin_mul_overflow(s, SECOND_NS, wall_ns) &&
           !__builtin_add_overflow(*wall_ns, ns, wall_ns);
}
