"""Whether what a capture says and what it delivers fit together, to the frame."""

import numpy as np


class AccountChecker:
    """Is shown each block and the account after it; remembers what does not fit.

    wave(first, n) gives what the device played; the `fade` frames after a loss may be mixed.
    """

    def __init__(self, wave, fade):
        self.wave = wave
        self.fade = fade
        self.next_frame = 0
        self.delivered = 0
        self.gaps = []
        self.mixed_until = 0
        self.problems = []

    def expect(self, true, what):
        if not true:
            self.problems.append(what)

    def block(self, block):
        n = len(block.data)
        if not n:
            self.expect(block.gap == 0, f"an empty block tells of a gap of {block.gap}")
            return
        self.expect(
            block.frame == self.next_frame + block.gap,
            f"a block at {block.frame} with a gap of {block.gap}, after frame {self.next_frame}",
        )
        self.expect((block.gap > 0) == (block.cause is not None), "a gap and no cause, or neither")
        if block.gap:
            self.gaps.append((block.frame - block.gap, block.gap))
            self.mixed_until = block.frame + self.fade
        first = min(n, max(0, self.mixed_until - block.frame))
        played = self.wave(block.frame + first, n - first)
        self.expect(
            np.array_equal(block.data[first:], played), f"other frames than played at {block.frame}"
        )
        self.delivered += n
        self.next_frame = block.frame + n

    def account(self, stats, gaps):
        """Only while the device does nothing."""
        s = stats
        self.expect(
            s.captured == s.delivered + s.dropped + s.queued,
            f"{s.captured} captured, {s.delivered} + {s.dropped} + {s.queued} told",
        )
        self.expect(s.delivered == self.delivered, f"{s.delivered} told, {self.delivered} came")
        self.expect(sum(gap.frames for gap in gaps) == s.dropped, f"{s.dropped} are not {gaps}")
        end = 0
        for gap in gaps:
            self.expect(gap.frames > 0 and gap.frame >= end, f"gaps out of order: {gaps}")
            end = gap.frame + gap.frames
        self.expect(end <= s.captured, f"{gaps} reach beyond {s.captured}")
        met = [(gap.frame, gap.frame + gap.frames) for gap in gaps]
        for frame, frames in self.gaps:
            covered = sum(min(b, frame + frames) - max(a, frame) for a, b in met
                          if b > frame and a < frame + frames)  # fmt: skip
            self.expect(covered == frames, f"the gap at {frame} is not among {gaps}")

    def end(self, stats):
        """Nothing is queued any more: delivered frames and gaps tile the timeline."""
        self.expect(stats.queued == 0, f"{stats.queued} frames were never delivered")
        lost = sum(frames for _, frames in self.gaps)
        trailing = stats.captured - self.next_frame
        self.expect(
            lost + trailing == stats.dropped, f"{lost} + {trailing} are not {stats.dropped}"
        )
