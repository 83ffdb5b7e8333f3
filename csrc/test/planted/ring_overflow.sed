# The piece before the wrap is taken to be one frame longer than it is.
s/uint64_t until_end = ring->capacity - start;/uint64_t until_end = ring->capacity - start + 1;/
