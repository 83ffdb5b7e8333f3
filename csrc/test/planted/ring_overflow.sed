# A block may reach one frame beyond the end of the storage before it is cut in two.
s/if \(start \+ n <= ring->capacity\)/if (start + n <= ring->capacity + 1)/
