#include "failing_alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stands before every block, so that what is freed can be told from what was never given out. */
#define MARK 0x6c61636f76666c6cU

typedef struct mark {
    uint64_t value;
    void *block;
} mark;

static void *fail_or_alloc(void *self, size_t bytes, size_t align) {
    failing_alloc *memory = self;
    uint64_t call = ++memory->calls;
    memory->bytes += bytes;
    bool fails = memory->fail_at &&
                 (memory->from_then_on ? call >= memory->fail_at : call == memory->fail_at);
    if (align < sizeof(mark)) align = sizeof(mark);
    if (!fails && bytes > PTRDIFF_MAX - 2 * align) {
        fprintf(stderr, "an allocation of %zu bytes was tried\n", bytes);
        fails = true;
    }
    char *block = fails ? NULL : aligned_alloc(align, (bytes + 2 * align - 1) / align * align);
    if (!block) {
        memory->failures++;
        return NULL;
    }
    memset(block, 0, (bytes + 2 * align - 1) / align * align);
    memory->live++;
    mark m = {MARK, block};
    memcpy(block + align - sizeof m, &m, sizeof m);
    return block + align;
}

static void free_marked(void *self, void *pointer) {
    failing_alloc *memory = self;
    mark m;
    memcpy(&m, (char *)pointer - sizeof m, sizeof m);
    if (m.value != MARK) {
        fprintf(stderr, "a block was freed that was not given out, or twice\n");
        abort();
    }
    memset((char *)pointer - sizeof m, 0, sizeof m);
    memory->live--;
    free(m.block);
}

void failing_alloc_init(failing_alloc *memory, uint64_t fail_at, bool from_then_on) {
    memset(memory, 0, sizeof *memory);
    memory->allocator = (vo_allocator){fail_or_alloc, free_marked, memory};
    memory->fail_at = fail_at;
    memory->from_then_on = from_then_on;
}
