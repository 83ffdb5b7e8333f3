/* vo_crc32: the check value of IEEE 802.3, any split, any alignment. */
#include "crc32.h"

#include <stddef.h>

#include "check.h"

static uint32_t bit_by_bit(const uint8_t *bytes, size_t n) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < 8 * n; i++) {
        uint32_t low = (crc ^ bytes[i / 8] >> i % 8) & 1;
        crc = crc >> 1 ^ (low ? 0xEDB88320 : 0);
    }
    return ~crc;
}

int main(void) {
    static vo_crc32 crc32;
    vo_crc32_init(&crc32);
    CHECK(vo_crc32_add(&crc32, 0, (const uint8_t *)"123456789", 9) == 0xCBF43926);
    CHECK(vo_crc32_add(&crc32, 0, NULL, 0) == 0);
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * i * 37 + 11);
    for (size_t first = 0; first < 9; first++)
        for (size_t n = 0; first + n <= sizeof bytes; n++) {
            uint32_t whole = bit_by_bit(bytes + first, n);
            for (size_t cut = 0; cut <= n; cut++) {
                uint32_t crc = vo_crc32_add(&crc32, 0, bytes + first, cut);
                CHECK(vo_crc32_add(&crc32, crc, bytes + first + cut, n - cut) == whole);
            }
        }
    puts("crc32: as bit by bit, whatever the split");
    return 0;
}
