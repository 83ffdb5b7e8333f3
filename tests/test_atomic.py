"""replace_file: the old content or the new, whatever fails, dies or loses its power meanwhile."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

import pytest

import vocana_dsp as vo
from vocana_dsp.control import atomic
from vocana_dsp.control.atomic import replace_file

DESCRIPTORS = Path("/proc/self/fd")
OLD, NEW = b"old" * 1000, b"the new content " * 5000


class Calls:
    """The system's calls, of which one fails, or writes less than it was asked to."""

    def __init__(self, fails_at=None, number=errno.EIO, always=False, shortest=None):
        self.fails_at, self.number, self.always = fails_at, number, always
        self.shortest = shortest
        self.made = []

    def __getattr__(self, name):
        call = getattr(os, name)
        if name not in ("open", "write", "fsync", "close", "rename", "unlink"):
            return call

        def made(*args, **kwargs):
            if name == "write":
                args = (args[0], bytes(args[1][: self.shortest]))
            self.made.append((name, args))
            at, k = len(self.made), self.fails_at
            fails = k is not None and (at == k or (self.always and at > k))
            if name == "close" or not fails:  # a descriptor is closed, whatever close says
                result = call(*args, **kwargs)
            if fails:
                raise OSError(self.number, os.strerror(self.number))
            return result

        return made


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state.json"
    path.write_bytes(OLD)
    return path


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def failure_of(state):
    try:
        replace_file(state, NEW)
    except vo.VocanaError as error:
        return error
    return None


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_whichever_call_fails_the_content_is_whole(state, monkeypatch, always, number):  # N15
    """The k-th call fails, once and from then on, until there is no k-th call any more."""
    for k in range(1, 100):
        state.write_bytes(OLD)
        calls, before = Calls(k, number, always), names_in(DESCRIPTORS)
        with monkeypatch.context() as patch:
            patch.setattr(atomic, "os", calls)
            error = failure_of(state)
        if error is not None:
            assert (error.code, error.__cause__.errno) == ("not_saved", number)
            assert str(state) in str(error)
        assert names_in(DESCRIPTORS) == before
        renamed = "rename" in [name for name, _ in calls.made[: k - 1]]
        assert state.read_bytes() == (NEW if renamed else OLD)
        if not always:
            assert names_in(state.parent) == ["state.json"], "nothing is left behind"
        if error is None:
            break
    assert k == 9, "open, open, write, fsync, close, rename, fsync, close: each has failed"


def test_short_writes_are_continued(state, monkeypatch):  # fault 22
    calls = Calls(shortest=1000)
    monkeypatch.setattr(atomic, "os", calls)
    replace_file(state, NEW)
    assert state.read_bytes() == NEW
    assert [name for name, _ in calls.made].count("write") == 80


def test_only_the_owner_may_read_it(state):  # fault 49
    state.chmod(0o666)
    replace_file(state, NEW)
    assert state.stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_not_followed(tmp_path):  # fault 49
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(OLD)
    link.symlink_to(target)
    replace_file(link, NEW)
    assert (target.read_bytes(), link.read_bytes(), link.is_symlink()) == (OLD, NEW, False)


def test_a_name_that_is_waiting_for_it_is_not_written_through(state, monkeypatch):  # fault 49
    """Even one who guesses the temporary name cannot have it written elsewhere."""
    trap = state.parent / "trap"
    (state.parent / ".state.json.guessed.tmp").symlink_to(trap)
    monkeypatch.setattr(atomic.secrets, "token_hex", lambda n: "guessed")
    with pytest.raises(vo.VocanaError, match="File exists"):
        replace_file(state, NEW)
    assert state.read_bytes() == OLD
    assert not trap.exists()


@pytest.mark.parametrize("name", ["", ".", "/", "..", "a\0b"])
def test_what_names_no_file_is_refused(tmp_path, name):
    with pytest.raises(vo.ConfigError, match="expected the name of a file"):
        replace_file(name, NEW)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(vo.VocanaError, match="No such file or directory"):
        replace_file(tmp_path / "nowhere" / "state", NEW)
    assert names_in(tmp_path) == []


# --- Power cuts ----------------------------------------------------------------------------------


def crash_image(calls, crash_at, rng):
    """What a disk may hold after a power cut before call `crash_at`: content of the file.

    Before an fsync any pages of a file may be missing, and come out as zeros or not at all. A
    rename that no fsync of the folder followed may or may not have happened.
    """
    page = 4096
    written, synced, renamed, folder_synced = b"", b"", False, False
    for name, args in calls[:crash_at]:
        if name == "write":
            written += args[1]
        elif name == "rename":
            renamed = True
        elif name == "fsync":
            if renamed:
                folder_synced = True
            else:
                synced = written
    if not folder_synced and not (renamed and rng.random() < 0.5):
        return OLD
    image = bytearray(synced)
    for start in range(len(synced), len(written), page):
        if rng.random() < 0.5:
            piece = written[start : start + page]
            image.extend(bytes(start - len(image)))
            image.extend(piece[: rng.randint(0, len(piece))])
    return bytes(image)


def images(calls, count):
    rng = random.Random(50)
    return [crash_image(calls, rng.randint(0, len(calls)), rng) for _ in range(count)]


@pytest.mark.fault(50, "10,000 power cuts while a state file is replaced; pages are lost and torn")
def test_a_power_cut_leaves_the_old_or_the_new(state, monkeypatch, seen):  # N15
    calls = Calls(shortest=10_000)
    monkeypatch.setattr(atomic, "os", calls)
    replace_file(state, NEW)
    found = images(calls.made, 10_000)
    assert set(found) == {OLD, NEW}
    assert crash_image(calls.made, len(calls.made), random.Random(1)) == NEW
    seen(
        f"{found.count(OLD):,} images hold the old content, {found.count(NEW):,} the new, 0 others"
    )


def test_without_its_fsync_the_images_would_show_torn_files(state, monkeypatch):
    calls = Calls(shortest=10_000)
    monkeypatch.setattr(atomic, "os", calls)
    replace_file(state, NEW)
    first = [name for name, _ in calls.made].index("fsync")
    assert set(images(calls.made[:first] + calls.made[first + 1 :], 1000)) - {OLD, NEW}


# --- Real kills ----------------------------------------------------------------------------------

WRITER = """
import sys, itertools
from vocana_dsp.control.atomic import replace_file
print("ready", flush=True)
for n in itertools.count():
    replace_file(sys.argv[1], b"%08d" % (n % 10**8) * 20_000)
"""


def test_a_killed_writer_leaves_a_whole_file(state):  # N15, fault 50
    rng = random.Random(15)
    state.write_bytes(b"%08d" % 0 * 20_000)
    replaced = 0
    for run in range(12):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, state], stdout=subprocess.PIPE)
        assert writer.stdout.readline() == b"ready\n"
        while not run and state.read_bytes()[:8] == b"%08d" % 0:  # until it has replaced one
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.03))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        content = state.read_bytes()
        assert content == content[:8] * 20_000
        replaced += int(content[:8]) > 0
    assert replaced > 0
    left = [name for name in names_in(state.parent) if name != "state.json"]
    assert all(fnmatch(name, ".state.json.*.tmp") for name in left)
