# The writer puts the piece after the wrap one frame too late.
s/memcpy\(to\.second, frames/memcpy(to.second + ring->channels, frames/
