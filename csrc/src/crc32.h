/* CRC-32 as IEEE 802.3 and zlib have it, eight bytes at a time. */
#ifndef VOCANA_CRC32_H
#define VOCANA_CRC32_H

#include <stdint.h>

#include "vocana/attributes.h"

/* table[k][b]: what byte b becomes when k zero bytes follow it. */
typedef struct vo_crc32 {
    uint32_t table[8][256];
} vo_crc32;

void vo_crc32_init(vo_crc32 *crc32) VO_REALTIME;

/* The CRC of what `crc` is that of, 0 for nothing, and n bytes more. */
uint32_t vo_crc32_add(const vo_crc32 *crc32, uint32_t crc, const uint8_t *bytes,
                      uint64_t n) VO_REALTIME;

#endif
