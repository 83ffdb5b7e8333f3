"""The C library without Python, and from somebody else's Cython."""

import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import vocana_dsp as vo

HERE = Path(__file__).parent
SOURCES = sorted((HERE.parent / "csrc" / "src").rglob("*.c"))
PRIVATE = HERE.parent / "csrc" / "src"
HEADERS = sorted(Path(vo.get_include(), "vocana").glob("*.h"))
CC = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
CXX = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def build(*command):
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """libvocana as somebody would compile it, position independent."""
    folder = tmp_path_factory.mktemp("vocana")
    assert CC, "a C compiler is needed"
    flags = ["-std=c11", "-O1", "-fPIC", *STRICT]

    def compile_these(sources):
        build(
            "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder,
            CC, *flags, "-c", f"-I{vo.get_include()}", f"-I{PRIVATE}", *sources,
        )  # fmt: skip

    with ThreadPoolExecutor(2) as two:
        list(two.map(compile_these, (SOURCES[::2], SOURCES[1::2])))
    return sorted(folder.glob("*.o"))


def test_a_c_program_uses_ring_chain_capture_and_simulated_device(objects, tmp_path):  # O7
    build(
        CC, "-std=c11", *STRICT, f"-I{vo.get_include()}", HERE / "embedding" / "embed.c",
        *objects, "-o", tmp_path / "embed", "-lpthread", "-lm",
    )  # fmt: skip
    assert build(tmp_path / "embed").stdout == "48000 frames, 0 wrong, 0 lost\n"


def test_a_cython_module_uses_the_declarations_of_the_package(objects, tmp_path):  # O7
    from Cython.Build import cythonize

    cythonize(
        str(HERE / "embedding" / "embed.pyx"),
        build_dir=str(tmp_path),
        include_path=[str(Path(vo.__file__).parent.parent)],
        quiet=True,
        force=True,
    )
    (source,) = tmp_path.rglob("embed.c")
    module = tmp_path / f"embed{sysconfig.get_config_var('EXT_SUFFIX')}"
    build(
        CC, "-shared", "-fPIC", "-O1", f"-I{sysconfig.get_path('include')}",
        f"-I{vo.get_include()}", source, *objects, "-o", module, "-lpthread", "-lm",
    )  # fmt: skip
    told = subprocess.run(
        [sys.executable, "-c", "import embed; print(embed.ring_round_trip(1000))"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.stdout == "499500.0\n", told.stderr


def alone(compiler, standard, language, source):
    include = f"-I{vo.get_include()}"
    return subprocess.run(
        [compiler, standard, *STRICT, "-fsyntax-only", include, "-x", language, "-"],
        input=source, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


LANGUAGES = [(CC, "-std=c11", "c"), *([(CXX, "-std=c++17", "c++")] if CXX else [])]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language[2])
@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.stem)
def test_a_public_header_compiles_alone(header, language):
    done = alone(*language, f"#include <vocana/{header.name}>\ntypedef int nothing_else;\n")
    assert done.returncode == 0, done.stderr


def test_a_header_that_lacks_an_include_would_be_reported():
    assert alone(*LANGUAGES[0], "uint32_t frames;\n").returncode != 0


def test_the_headers_are_those_that_the_package_says():
    names = {header.stem for header in HEADERS}
    assert {"ring", "pool", "capture", "tap", "sim", "breaker", "crossfade", "ledger"} <= names
