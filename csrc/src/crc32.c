#include "crc32.h"

#define POLYNOMIAL 0xEDB88320u /* bits reversed: the first of a byte is its lowest */

void vo_crc32_init(vo_crc32 *crc32) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        crc32->table[0][b] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t b = 0; b < 256; b++) {
            uint32_t crc = crc32->table[k - 1][b];
            crc32->table[k][b] = crc >> 8 ^ crc32->table[0][crc & 0xFF];
        }
}

static uint32_t eight_bytes(const uint32_t table[8][256], uint32_t crc, const uint8_t *b) {
    crc ^= (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    return table[7][crc & 0xFF] ^ table[6][crc >> 8 & 0xFF] ^ table[5][crc >> 16 & 0xFF] ^
           table[4][crc >> 24] ^ table[3][b[4]] ^ table[2][b[5]] ^ table[1][b[6]] ^ table[0][b[7]];
}

uint32_t vo_crc32_add(const vo_crc32 *crc32, uint32_t crc, const uint8_t *bytes, uint64_t n) {
    crc = ~crc;
    for (; n >= 8; n -= 8, bytes += 8) crc = eight_bytes(crc32->table, crc, bytes);
    for (; n; n--) crc = crc >> 8 ^ crc32->table[0][(crc ^ *bytes++) & 0xFF];
    return ~crc;
}
