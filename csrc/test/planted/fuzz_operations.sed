# Frames that are lost while a gap is open already are not counted as dropped.
s/^    w->dropped \+= n;/    w->dropped += w->gap.frames == n || n < 3 ? n : n - 1;/
