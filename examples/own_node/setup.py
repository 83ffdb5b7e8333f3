"""Build a node of one's own against the headers of the package; there is nothing to link."""

from Cython.Build import cythonize
from setuptools import Extension, setup

import vocana_dsp

node = Extension(
    "own_node",
    ["own_node.pyx", "modulator.c"],
    include_dirs=[vocana_dsp.get_include()],
    extra_compile_args=["-std=c11"],
)
setup(name="own-node", version="1.0", ext_modules=cythonize([node]))
