"""Every example in a docstring of the package is run, those of compiled modules too."""

import doctest
import importlib
import pkgutil

import pytest

import vocana_dsp


def modules():
    found = pkgutil.walk_packages(vocana_dsp.__path__, "vocana_dsp.")
    names = [name for _, name, _ in found if not name.endswith("__main__")]
    return ["vocana_dsp", *names]


def examples(module):
    """Tests of a module; a compiled class's docstring is not found by doctest itself."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = finder.find(module)
    seen = {test.name for test in tests}
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if own and getattr(value, "__doc__", None) and f"{module.__name__}.{name}" not in seen:
            tests += finder.find(value, f"{module.__name__}.{name}", module)
    return [test for test in tests if test.examples]


def failures(tests):
    runner = doctest.DocTestRunner(verbose=False)
    report = []
    for test in tests:
        runner.run(test, out=report.append)
    return runner.failures, "".join(report)


@pytest.mark.parametrize("name", modules())
def test_examples_of(name):
    failed, report = failures(examples(importlib.import_module(name)))
    assert failed == 0, report


def test_examples_of_compiled_classes_are_found():
    module = importlib.import_module("vocana_dsp._native.ring")
    assert any("RingBuffer" in test.name for test in examples(module))


def test_a_wrong_example_is_reported():
    parser = doctest.DocTestParser()
    wrong = parser.get_doctest(">>> 1 + 1\n3\n", {}, "planted", None, 0)
    assert failures([wrong])[0] == 1
