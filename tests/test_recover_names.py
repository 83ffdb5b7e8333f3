"""Recovery of files whose names, links and sidecars lead elsewhere: nothing outside is touched."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from recordings import NO_REST, RATE, put_sidecar, record, snapshot, sound

import vocana_dsp as vo
from vocana_dsp.cli import main
from vocana_dsp.record import RecordError

NAMES = [
    "/etc/passwd", "../outside.wav", "../../outside/victim.wav", "a/../../outside/victim.wav",
    "..", ".", ".hidden.wav", "~/victim.wav", "C:\\victim.wav", "..\\victim.wav", "victim.wav",
    "/dev/null", "/proc/self/mem", "a\nb.wav", "\x1b[2J", "%s%n", "\udcff.wav", "x" * 250,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_in_a_sidecar_are_only_data(tmp_path, name):  # fault 49
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    record(outside / "victim.wav", sound(100))
    record(inside / "a.wav", sound(100), recording=name, previous=name, segment=2)
    before, home = snapshot(outside), Path.cwd()
    os.chdir(inside)
    try:
        found = vo.recover(inside / "a.wav")
        found.write(inside / "joined.wav")
        done = CliRunner().invoke(main, ["recover", str(inside / "a.wav")])
    finally:
        os.chdir(home)
    assert snapshot(outside) == before
    assert sorted(path.name for path in inside.iterdir()) == ["a.wav", "a.wav.json", "joined.wav"]
    assert done.exit_code == 1
    assert "segment 1 not found" in found.problems[0]
    assert all(line.isprintable() for line in found.problems)
    assert "\x1b" not in done.output


@pytest.mark.fault(49, "links, pipes, devices and sidecars that name what is outside of a folder")
def test_links_pipes_and_devices(tmp_path, seen):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    for name in ("a.wav", "b.wav", "c.wav"):
        record(outside / name, sound(100))
    (inside / "link.wav").symlink_to(outside / "a.wav")
    record(inside / "good.wav", sound(50))
    (inside / "good.wav.json").unlink()
    (inside / "good.wav.json").symlink_to(outside / "a.wav.json")
    (inside / "dangling.wav").symlink_to(outside / "new.wav")
    (inside / "null.wav").symlink_to("/dev/null")
    os.mkfifo(inside / "pipe.wav")
    record(inside / "good2.wav", sound(50))
    (inside / "good2.wav.json").unlink()
    os.mkfifo(inside / "good2.wav.json")
    (inside / "folder.wav").mkdir()
    record(inside / "orphan.wav", sound(RATE))
    (inside / "orphan.wav").unlink()
    (inside / "orphan.wav").symlink_to(outside / "b.wav")
    (inside / "lost.recovered.wav").symlink_to(outside / "made.wav")
    data = record(inside / "lost.wav", sound(50), **NO_REST)
    (inside / "lost.wav").write_bytes(os.urandom(4096) + data)
    before = snapshot(outside)
    found = vo.recover(inside)
    for name in ("link.wav", "null.wav", "pipe.wav", "lost.wav"):
        with pytest.raises(RecordError):
            vo.recover(inside / name)
    with pytest.raises(RecordError):
        found.recordings[0].write(inside / "dangling.wav")
    assert snapshot(outside) == before
    by_name = {f.path.name: f for recording in found.recordings for f in recording.files}
    for name in ("good.wav", "good2.wav"):
        assert (by_name[name].outcome, by_name[name].sidecar) == ("repaired", None)
    assert by_name["lost.wav"].outcome == "unreadable"
    assert by_name["orphan.wav"].outcome == "missing"
    assert set(by_name) == {"good.wav", "good2.wav", "lost.wav", "orphan.wav"}
    seen(f"0 of {len(before)} files outside changed, none made")


def test_a_sidecar_named_as_a_file(tmp_path):
    put_sidecar(tmp_path / "a.wav", {})
    with pytest.raises(vo.FormatError):
        vo.recover(tmp_path / "a.wav.json")
