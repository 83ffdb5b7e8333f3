/* Dates and times of a sidecar: as 64 bits of nanoseconds hold them, and back. */
#include <string.h>

#include "check.h"
#include "sidecar.h"

int main(void) {
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {-86400000000000, "1969-12-31T00:00:00.000000000Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {INT64_C(951782400000000000), "2000-02-29T00:00:00.000000000Z"},
        {INT64_C(4107542400000000001), "2100-03-01T00:00:00.000000001Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[VO_SIDECAR_TIME_BYTES];
        int64_t ns = 1;
        vo_sidecar_put_time(text, rows[i].ns);
        CHECK(!strcmp(text, rows[i].text));
        CHECK(vo_sidecar_read_time(text, &ns) && ns == rows[i].ns);
    }
    puts("sidecar times: from 1677 to 2262, to the nanosecond");
    return 0;
}
