"""How much memory there is: cgroups of both versions, PSI and a limit of one's own, from files."""

from pathlib import Path

import pytest

import vocana_dsp as vo
from vocana_dsp.memory import MemoryLimit, MemoryUse

V2 = "34 24 0:29 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw"
V1 = "34 24 0:29 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory"
OTHER = "30 24 0:27 / / rw - ext4 /dev/sda rw\n31 24 0:28 / /sys/fs/cgroup/cpu rw - cgroup c rw,cpu"
NONE_V1 = "9223372036854771712"
RSS = 77


def machine(root: Path, groups: str, mounts: str, files: dict[str, str]) -> MemoryLimit:
    """A machine of files; its resident set is always the same."""
    for name, text in {
        "proc/self/cgroup": groups,
        "proc/self/mountinfo": f"{OTHER}\n{mounts}",
        **files,
    }.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return MemoryLimit(root=root, rss=lambda: RSS)


def v2(folder: str, used: int, high: object = "max", most: object = "max", cache: int = 0):
    return {
        f"sys/fs/cgroup{folder}/memory.current": str(used),
        f"sys/fs/cgroup{folder}/memory.high": str(high),
        f"sys/fs/cgroup{folder}/memory.max": str(most),
        f"sys/fs/cgroup{folder}/memory.stat": f"anon 1\ninactive_file {cache}\nactive_file 9",
    }


def v1(folder: str, used: int, most: object = NONE_V1, cache: int = 0):
    return {
        f"sys/fs/cgroup/memory{folder}/memory.usage_in_bytes": str(used),
        f"sys/fs/cgroup/memory{folder}/memory.limit_in_bytes": str(most),
        f"sys/fs/cgroup/memory{folder}/memory.stat": f"cache 9\ntotal_inactive_file {cache}",
    }


MACHINES = {
    "its own limit": (
        "0::/app",
        V2,
        v2("/app", 60, most=100),
        MemoryUse(60, 100, None, "cgroup v2 /app memory.max"),
    ),
    "memory.high counts": (
        "0::/app",
        V2,
        v2("/app", 60, high=80, most=100),
        MemoryUse(60, 80, None, "cgroup v2 /app memory.high"),
    ),
    "cache that can be dropped does not count": (
        "0::/app",
        V2,
        v2("/app", 60, most=100, cache=25),
        MemoryUse(35, 100, None, "cgroup v2 /app memory.max"),
    ),
    "the nearest limit above": (
        "0::/a/b/c",
        V2,
        v2("/a", 90, most=100) | v2("/a/b", 50) | v2("/a/b/c", 20, most=40),
        MemoryUse(90, 100, None, "cgroup v2 /a memory.max"),
    ),
    "the nearest limit below": (
        "0::/a/b",
        V2,
        v2("/a", 40, most=100) | v2("/a/b", 30, most=40),
        MemoryUse(30, 40, None, "cgroup v2 /a/b memory.max"),
    ),
    "version 2 without a limit": ("0::/app", V2, v2("/app", 60), None),
    "version 2 in a namespace": (
        "0::/",
        V2,
        v2("", 60, most=100),
        MemoryUse(60, 100, None, "cgroup v2 / memory.max"),
    ),
    "version 2 where a neighbour's name begins alike": (
        "0::/docker/1fab",
        V2.replace(" / /sys", " /docker/1f /sys"),
        v2("", 60, most=100) | v2("/ab", 19, most=20),
        MemoryUse(60, 100, None, "cgroup v2 / memory.max"),
    ),
    "version 1": (
        "4:cpu:/app\n9:memory,hugetlb:/app",
        V1,
        v1("/app", 60, most=100, cache=10),
        MemoryUse(50, 100, None, "cgroup v1 /app memory.limit_in_bytes"),
    ),
    "version 1 under the host's name": (
        "9:memory:/docker/1f",
        V1.replace(" / /sys", " /docker/1f /sys"),
        v1("", 60, most=100),
        MemoryUse(60, 100, None, "cgroup v1 / memory.limit_in_bytes"),
    ),
    "version 1 without a limit": ("9:memory:/app", V1, v1("/app", 60), None),
    "both, as systemd had it": (
        "9:memory:/app\n0::/app",
        f"{V1}\n{V2.replace('cgroup rw,nosuid', 'cgroup/unified rw,nosuid')}",
        v1("/app", 60, most=100),
        MemoryUse(60, 100, None, "cgroup v1 /app memory.limit_in_bytes"),
    ),
    "not mounted": ("0::/app", "", v2("/app", 60, most=100), None),
    "not a number": ("0::/app", V2, v2("/app", 60, most="lots"), None),
    "nothing at all": ("", "", {}, None),
}


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine(tmp_path: Path, name: str) -> None:  # G4, faults 38
    groups, mounts, files, expected = MACHINES[name]
    use = machine(tmp_path, groups, mounts, files).read()
    assert use == (expected or MemoryUse(RSS, None, None, "no limit"))
    assert use.ratio == (expected and expected.used_bytes / expected.limit_bytes)


def test_a_machine_without_a_limit_is_never_short(tmp_path: Path) -> None:
    read = machine(tmp_path, "", "", {}).read
    pressure = vo.MemoryPressure(read=read)
    assert pressure.step() == "low"
    assert pressure.status.use == MemoryUse(RSS, None, None, "no limit")


def test_ones_own_limit_is_of_the_resident_set(tmp_path: Path) -> None:
    machine(tmp_path, "0::/app", V2, v2("/app", 60, most=100))
    limit = MemoryLimit(154, root=tmp_path, rss=lambda: RSS)
    assert limit.read() == MemoryUse(RSS, 154, None, "limit_bytes")
    assert limit.read().ratio == 0.5


@pytest.mark.parametrize("limit_bytes", [0, -1, 1.5, "1", True])
def test_limits_that_are_none(limit_bytes: object) -> None:
    with pytest.raises(vo.ConfigError, match="limit_bytes"):
        MemoryLimit(limit_bytes)  # type: ignore[arg-type]


def psi(avg10: str) -> str:
    return f"some avg10={avg10} avg60=0.00 avg300=0.00 total=5\nfull avg10=99.00 avg60=0 total=5"


def test_waiting_for_memory_is_told(tmp_path: Path) -> None:  # faults 38: PSI
    whole = {"proc/pressure/memory": psi("3.25")}
    assert machine(tmp_path, "", "", whole).read().stall_percent == 3.25
    own = {"sys/fs/cgroup/app/memory.pressure": psi("12.50")}
    assert machine(tmp_path, "0::/app", V2, whole | own).read().stall_percent == 12.5
    (tmp_path / "sys/fs/cgroup/app/memory.pressure").write_text("nonsense")
    assert machine(tmp_path, "0::/app", V2, whole).read().stall_percent == 3.25


def test_waiting_for_memory_counts_as_high(tmp_path: Path) -> None:  # faults 38: PSI
    for stall, level in (("9.99", "low"), ("10.00", "high")):
        files = {"proc/pressure/memory": psi(stall)}
        pressure = vo.MemoryPressure(read=machine(tmp_path, "", "", files).read)
        assert pressure.step() == level
    full = v2("/app", 96, most=100)
    assert vo.MemoryPressure(read=machine(tmp_path, "0::/app", V2, full).read).step() == "critical"


def test_this_machine_says_something() -> None:
    use = MemoryLimit().read()
    assert use.used_bytes > 2**20
    assert use.source == "no limit" or use.source.startswith("cgroup v")
    assert (use.limit_bytes is None) == (use.source == "no limit")
