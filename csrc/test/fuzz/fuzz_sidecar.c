/* Bytes as a sidecar: refused, or its text comes back; never more memory than in proportion. */
#include "fuzz.h"
#include "vocana/sidecar.h"

static arena memory[2];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    vo_sidecar *sidecar, *back;
    uint64_t most = 1 << 16 | 16 * size;
    vo_status status =
        vo_sidecar_parse(&sidecar, (const char *)data, size, arena_begin(&memory[0], most));
    REQUIRE(status == VO_OK || (status == VO_BAD_ARG && !sidecar && !memory[0].live));
    if (status != VO_OK) return 0;
    const char *text, *again;
    uint64_t bytes, more;
    memory[0].most_bytes = ARENA_BYTES;
    REQUIRE(vo_sidecar_text(sidecar, &text, &bytes) == VO_OK);
    REQUIRE(vo_sidecar_parse(&back, text, bytes, arena_begin(&memory[1], ARENA_BYTES)) == VO_OK);
    REQUIRE(vo_sidecar_text(back, &again, &more) == VO_OK);
    REQUIRE(bytes == more && memcmp(text, again, bytes) == 0);
    vo_sidecar_free(back);
    vo_sidecar_free(sidecar);
    REQUIRE(!memory[0].live && !memory[1].live);
    return 0;
}
