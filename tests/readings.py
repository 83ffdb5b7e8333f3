"""What a test takes of a capture without waiting."""


def drain(mic, frames=960):
    blocks = []
    while len(block := mic.read(frames, timeout=0)):
        blocks.append(block)
    return blocks


def kinds(events, *wanted):
    return [(e.frame, e.kind, e.value) for e in events if e.kind in wanted]
