"""Other people's work to compare with, where it is installed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .._native.bench import Queue
from .._native.bench_samples import Samples

HERE = Path(__file__).resolve().parent
COMPILE_TIMEOUT_S = 120


class PeerAbsentError(Exception):
    """A peer, or what compiles it, is not installed; the text says what to install."""


def compiler(*names: str) -> str:
    """Return the path of the first compiler there is; raises PeerAbsentError."""
    for name in names:
        found = shutil.which(name) if name else None
        if found:
            return found
    raise PeerAbsentError(f"install a compiler: one of {', '.join(filter(None, names))}")


def build(command: list[str], install: str) -> None:
    """Run a compiler; raises PeerAbsentError with what to install when it fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=COMPILE_TIMEOUT_S, check=False
    )
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if "error" in line), "")
        raise PeerAbsentError(f"{install} ({first.strip() or 'the compiler failed'})")


@contextmanager
def preload(source: str) -> Iterator[str]:
    """Give the path of a library built from a file beside this one, for LD_PRELOAD of a child.

    Raises PeerAbsentError.
    """
    cc = compiler(os.environ.get("CC", ""), "cc", "gcc", "clang")
    with TemporaryDirectory(prefix="vocana-bench-") as directory:
        library = Path(directory) / "preload.so"
        options = ["-O2", "-fPIC", "-shared"]
        build([cc, *options, "-o", str(library), str(HERE / source), "-ldl"],
              "needs a C compiler and glibc")  # fmt: skip
        yield str(library)


def peer(package: str, install: str = "") -> Any:
    """Return an installed package; raises PeerAbsentError with how to install it."""
    try:
        return import_module(package)
    except ImportError as absent:
        raise PeerAbsentError(f"pip install {install or package}") from absent


@contextmanager
def boost() -> Iterator[Queue]:
    """Give boost::lockfree::spsc_queue as a queue; raises PeerAbsentError."""
    install = "install libboost-dev and g++"
    try:
        cxx = compiler(os.environ.get("CXX", ""), "g++", "clang++", "c++")
    except PeerAbsentError as absent:
        raise PeerAbsentError(install) from absent
    with TemporaryDirectory(prefix="vocana-bench-") as directory:
        library = Path(directory) / "peer_boost.so"
        source = HERE / "peer_boost.cpp"
        options = ["-O3", "-std=c++17", "-fPIC", "-shared"]
        build([cxx, *options, "-o", str(library), str(source)], install)
        yield Queue.load(library)


@contextmanager
def loops() -> Iterator[Samples]:
    """Give plain C loops, compiled for this very processor; raises PeerAbsentError."""
    native = ["-march=native", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"]
    native += ["-fassociative-math", "-ffinite-math-only"]
    if platform.machine() == "x86_64":
        native.append("-mprefer-vector-width=512")
    with _compiled("peer_loops.c", [*native, "-lm"]) as samples:
        yield samples


@contextmanager
def ipp(simd: str) -> Iterator[Samples]:
    """Give Intel's kernels for a level of instructions; raises PeerAbsentError."""
    # The library that chooses among these ends the process when it finds none.
    libraries = Path(sys.prefix) / "lib"
    own = libraries / {"avx512": "libippsk0.so.12", "avx2": "libippsl9.so.12"}.get(simd, "")
    if not own.is_file():
        raise PeerAbsentError("pip install ipp" if simd.startswith("avx") else "not for this level")
    core = libraries / "libippcore.so.12"
    options = [str(own), str(core), f"-Wl,--disable-new-dtags,-rpath,{libraries}"]
    with _compiled("peer_ipp.c", options) as samples:
        yield samples


@contextmanager
def _compiled(source: str, options: list[str]) -> Iterator[Samples]:
    cc = compiler(os.environ.get("CC", ""), "gcc", "clang", "cc")
    with TemporaryDirectory(prefix="vocana-bench-") as directory:
        library = Path(directory) / "peer.so"
        always = ["-std=c11", "-O3", "-fPIC", "-shared"]
        build([cc, *always, "-o", str(library), str(HERE / source), *options], f"compile {source}")
        yield Samples.load(library)


def pa_ringbuffer() -> Callable[[int, int], Any]:
    """Return pa_ringbuffer.RingBuffer(elementsize, size); raises PeerAbsentError.

    pa-ringbuffer is a wrapper in Python; the C code of PortAudio's ring comes with rtmixer.
    """
    try:
        wrapper = import_module("pa_ringbuffer")
        compiled = import_module("_rtmixer")
    except ImportError as absent:
        raise PeerAbsentError("pip install pa-ringbuffer rtmixer") from absent
    made: Callable[[int, int], Any] = wrapper.init(compiled.ffi, compiled.lib)
    return made
