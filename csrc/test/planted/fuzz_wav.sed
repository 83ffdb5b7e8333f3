# A chunk's name is read where only the file, and not what was given of it, goes on.
s/if \(at > bytes \|\| bytes - at < CHUNK_HEAD_BYTES\) return VO_TOO_BIG;/if (at > bytes) return VO_TOO_BIG;/
