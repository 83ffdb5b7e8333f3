"""Build libvocana (plain C, no Python in it) and one small extension module per C noun."""

import os
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_py import build_py

SOURCES = sorted(str(p) for p in Path("csrc/src").rglob("*.c"))
HEADERS = sorted(str(p) for p in Path("csrc").rglob("*.h"))
INCLUDE = ["csrc/include", "csrc/src"]
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "embedsignature": True,
    "embedsignature.format": "clinic",  # that inspect.signature reads
}
FLAGS = ["-std=c11", "-O3", "-fvisibility=hidden", "-Wall", "-Wextra"]
LIBRARY = {"sources": SOURCES, "include_dirs": INCLUDE, "cflags": FLAGS, "obj_deps": {"": HEADERS}}


class BuildWithHeaders(build_py):
    """Copy the public C headers into the package, where vocana_dsp.get_include() finds them."""

    def run(self) -> None:
        """Build the package, then copy."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "vocana_dsp" / "include"
            self.copy_tree("csrc/include", str(target))


extensions = [
    Extension(
        f"vocana_dsp._native.{pyx.stem}",
        [str(pyx), *map(str, sorted(Path("csrc", *pyx.stem.split("_")).glob("*.c")))],
        include_dirs=[*INCLUDE, "csrc/bench", numpy.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        extra_compile_args=["-O3", "-fvisibility=hidden"],
        depends=[*HEADERS, *SOURCES],  # the library is linked in
    )
    for pyx in sorted(Path("vocana_dsp/_native").glob("*.pyx"))
]
assert extensions, "no .pyx file is here: this source distribution is incomplete"

setup(
    libraries=[("vocana", LIBRARY)],
    ext_modules=cythonize(
        extensions,
        build_dir="build/cython",  # what is generated stays out of the package
        compiler_directives=DIRECTIVES,
    ),
    options={"build_ext": {"parallel": os.cpu_count()}},
    cmdclass={"build_py": BuildWithHeaders},
)
