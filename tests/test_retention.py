"""Retention: what goes, what stays, and that nothing outside of the folder is ever touched."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vocana_dsp as vo
from vocana_dsp.control.retention import BACKUPS, LOGS, Retention

HOUR_S, DAY_S = 3600, 86400
NOW_S = 2_000_000_000.0


def clock():
    return NOW_S


def make(folder, ages_s):
    for name, age_s in ages_s.items():
        file = folder / name
        file.write_bytes(b"x")
        os.utime(file, (NOW_S - age_s, NOW_S - age_s))


def names(paths):
    return [path.name for path in paths]


def test_backups_go_after_a_day_and_logs_after_a_month(tmp_path):  # K9
    ages_s = {
        "new.bak": 1,
        "day.bak": 24 * HOUR_S,
        "older.bak": 24 * HOUR_S + 1,
        "oldest.bak": 90 * DAY_S,
        "now.log": 0,
        "month.log": 30 * DAY_S,
        "older.log.1": 30 * DAY_S + 1,
        "take.wav": 900 * DAY_S,
    }
    make(tmp_path, ages_s)
    assert names(BACKUPS.sweep(tmp_path, clock=clock)) == ["oldest.bak", "older.bak"]
    assert names(LOGS.sweep(tmp_path, clock=clock)) == ["older.log.1"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "new.bak",
        "day.bak",
        "now.log",
        "month.log",
        "take.wav",
    }
    assert BACKUPS.sweep(tmp_path, clock=clock) == []


def test_a_dry_run_tells_the_same_and_deletes_nothing(tmp_path):  # K9
    make(tmp_path, {"a.bak": 3 * DAY_S, "b.bak": 2 * DAY_S, "c.bak": 0})
    told = BACKUPS.sweep(tmp_path, clock=clock, dry_run=True)
    assert len(list(tmp_path.iterdir())) == 3
    assert BACKUPS.sweep(tmp_path, clock=clock) == told == [tmp_path / "a.bak", tmp_path / "b.bak"]


@pytest.mark.parametrize("keep", [0, 1, 3, 9])
def test_the_newest_stay_whatever_the_clock_says(tmp_path, keep):  # fault 14
    make(tmp_path, {f"{n}.bak": n * DAY_S for n in range(5)})
    sweep = Retention("*.bak", older_than_s=DAY_S, keep=keep)
    sweep.sweep(tmp_path, clock=lambda: NOW_S + 3650 * DAY_S)
    assert sorted(names(tmp_path.iterdir())) == [f"{n}.bak" for n in range(min(keep, 5))]


def test_files_from_the_future_stay(tmp_path):  # fault 14
    make(tmp_path, {"a.bak": -DAY_S, "b.bak": -2 * DAY_S})
    assert Retention("*.bak", older_than_s=1, keep=0).sweep(tmp_path, clock=clock) == []


def test_links_and_folders_are_left_alone(tmp_path):  # K9, fault 49
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    make(outside, {"kept.bak": 90 * DAY_S})
    make(folder, {"goes.bak": 90 * DAY_S})
    (folder / "link.bak").symlink_to(outside / "kept.bak")
    (folder / "dangling.bak").symlink_to(outside / "nothing")
    (folder / "inner.bak").mkdir()
    make(folder / "inner.bak", {"kept.bak": 90 * DAY_S})
    sweep = Retention("*.bak", older_than_s=1, keep=0)
    assert names(sweep.sweep(folder, clock=lambda: NOW_S + 9e9)) == ["goes.bak"]
    assert (outside / "kept.bak").exists()
    assert (folder / "inner.bak" / "kept.bak").exists()
    assert (folder / "link.bak").is_symlink()

    (tmp_path / "way").symlink_to(outside)
    for wrong in (tmp_path / "way", tmp_path / "nowhere", outside / "kept.bak", tmp_path / "a\0b"):
        with pytest.raises(vo.VocanaError, match="cannot be swept") as caught:
            sweep.sweep(wrong, clock=clock)
        assert caught.value.code == "no_folder"
    assert (outside / "kept.bak").exists()


def test_what_is_gone_meanwhile_is_passed_over(tmp_path, monkeypatch):
    make(tmp_path, {"a.bak": 3 * DAY_S, "b.bak": 2 * DAY_S})
    unlink = os.unlink

    def race(name, **where):
        if name == "a.bak":
            unlink(name, **where)
        unlink(name, **where)

    monkeypatch.setattr(os, "unlink", race)
    swept = Retention("*.bak", older_than_s=1, keep=0).sweep(tmp_path, clock=clock)
    assert names(swept) == ["b.bak"]
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.integers(-10, 100), max_size=12), st.integers(1, 90), st.integers(0, 5))
def test_what_goes_is_old_and_what_stays_is_new_or_kept(tmp_path_factory, ages, limit, keep):  # K9
    folder = tmp_path_factory.mktemp("swept")
    make(folder, {f"{n:02}.bak": age for n, age in enumerate(ages)})
    swept = Retention("*.bak", older_than_s=limit, keep=keep).sweep(folder, clock=clock)
    gone = [ages[int(path.stem)] for path in swept]
    left = [ages[int(path.stem)] for path in folder.iterdir()]
    assert sorted(gone + left) == sorted(ages)
    assert all(age > limit for age in gone)
    assert len(left) >= min(keep, len(ages))
    assert sum(age > limit for age in left) <= keep
    assert not gone or not left or max(left) <= min(gone)


@pytest.mark.parametrize("pattern", ["", "../*", "/etc/*", "a/b"])
def test_a_pattern_is_one_of_names(pattern):  # fault 49
    with pytest.raises(vo.ConfigError, match="expected a pattern of names"):
        Retention(pattern, older_than_s=1)


def test_no_time_is_refused():
    with pytest.raises(vo.ConfigError, match="older_than_s is 0"):
        Retention("*", older_than_s=0)
