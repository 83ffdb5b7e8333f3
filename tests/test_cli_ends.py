"""How the command line ends when it is called wrongly, stopped, or refused by the system."""

import ast
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner, Result
from recordings import RATE, record, sound

from vocana_dsp.capture import portaudio
from vocana_dsp.cli import inputs, main
from vocana_dsp.errors import VocanaError

ROOT = Path(__file__).parent.parent

# A process that gets a SIGINT when it looks for a module that is not loaded yet.
INTERRUPTED_AT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
sys.argv = ["vocana", "devices", "--quick"]
import vocana_dsp.__main__
vocana_dsp.__main__.main()
"""


def vocana(*words: object) -> Result:
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize("module", ["vocana_dsp.cli", "click", "vocana_dsp.cli.record", "numpy"])
def test_ctrl_c_while_it_is_loaded(module):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT.format(name=module)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (130, "interrupted\n", "")


def test_ctrl_c_in_a_command(monkeypatch):
    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(portaudio, "devices", interrupt)
    done = vocana("devices")
    assert (done.exit_code, done.stderr) == (130, "interrupted\n")


def test_what_begins_ignoring_ctrl_c_goes_on_doing_so():
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    code += INTERRUPTED_AT.format(name="vocana_dsp.cli").replace(
        '"devices", "--quick"', '"--version"'
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bench", "nope"], "expected one of"),
        (["recover", "a.wav", "--to", "../flac"], "'../flac' is not one of wav, flac"),
        (["recover", "a.wav", "--to", "nope"], "'nope' is not one of wav, flac"),
        (["recover", "a.wav", "--to", ""], "'' is not one of wav, flac"),
        (["recover", "a.wav", "--join", "b.nope"], "'.nope' is not one of wav, flac"),
        (["recover", ""], "a name is empty"),
        (["analyze", ""], "a name is empty"),
        (["process", "a.wav", "out", "--format", "../flac"], "'../flac' is not one of"),
        (["process", "a.wav", "b.wav", "--chain", "highpass=1e9"], "cutoff_hz"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_changes_nothing(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "a.wav", sound(RATE))
    before = (tmp_path / "a.wav").read_bytes()
    done = vocana(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "a.wav.json"]
    assert (tmp_path / "a.wav").read_bytes() == before


def test_what_is_no_wav_file_is_told_so(tmp_path):
    (tmp_path / "passwd").write_text("root:x:0:0")
    done = vocana("recover", tmp_path / "passwd")
    assert (done.exit_code, "json" in done.stderr) == (1, False)
    assert f"{tmp_path / 'passwd'} is no WAV file\n" in done.stderr


def test_hints_are_in_the_words_of_the_command_line(tmp_path):
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    for words in (
        ["record", tmp_path / "a.wav", "--source", "tone"],
        ["process", *[tmp_path / "a.wav"] * 2],
    ):
        done = vocana(*words)
        assert done.exit_code == 1
        assert done.stderr.endswith("  choose another name, or replace it: --force\n")


def test_what_is_put_in_other_words_is_what_hints_say():
    package = ROOT / "vocana_dsp"
    texts = [
        node.value
        for path in package.rglob("*.py")
        if path != Path(str(inputs.__file__))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for python, option in inputs._OPTIONS.items():
        assert any(python in text for text in texts), python
        assert inputs.hint_of(VocanaError(hint=f"do{python}")) == f"do{option}"


def test_recordings_of_a_folder_are_one_table(tmp_path):
    for name in ("a.wav", "b.wav"):
        record(tmp_path / name, sound(RATE), finished=True, recording=name)
    done = vocana("recover", tmp_path)
    assert done.stdout.count(str(tmp_path)) == 1
    assert done.stdout.count("state") == 1
    (tmp_path / "spool").mkdir()
    record(tmp_path / "spool" / "c.wav", sound(RATE), finished=True, recording="c.wav")
    done = vocana("recover", tmp_path, tmp_path / "spool")
    assert (done.stdout.count(str(tmp_path)), " spool/c.wav  " in done.stdout) == (1, True)
    done = vocana("recover", tmp_path, "--join", tmp_path / "c.wav")
    assert (done.exit_code, "(a.wav, b.wav)" in done.stderr) == (2, True)


def test_a_folder_to_write_to_is_made(tmp_path):
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    done = vocana("recover", tmp_path, "--to", "flac", "--out", tmp_path / "new" / "archive")
    assert done.exit_code == 0
    assert (tmp_path / "new" / "archive" / "a.flac").exists()


@pytest.mark.parametrize("suffix", ["flac", ".flac", "FLAC"])
def test_a_format_is_named_as_people_do(tmp_path, suffix):
    record(tmp_path / "a.wav", sound(RATE), finished=True)
    assert vocana("recover", tmp_path / "a.wav", "--to", suffix).exit_code == 0
    assert (tmp_path / "a.flac").exists()


@pytest.mark.parametrize("command", ["process", "analyze", "recover"])
@pytest.mark.parametrize("name", ["x" * 300 + ".wav", "x/" * 3000], ids=["name", "path"])
def test_names_that_are_too_long_are_one_message(tmp_path, command, name):
    words = [command, tmp_path / name] + [tmp_path / "out.wav"] * (command == "process")
    assert vocana(*words).exit_code == 1


@pytest.mark.parametrize("command", ["process", "analyze"])
def test_a_directory_that_may_not_be_listed_is_one_message(tmp_path, monkeypatch, command):
    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    done = vocana(*[command, tmp_path] + [tmp_path / "out"] * (command == "process"))
    assert (done.exit_code, done.stderr) == (1, f"error: {tmp_path}: Permission denied\n")


def test_an_output_that_takes_nothing_is_not_the_disk_of_the_recording(tmp_path):
    words = ["record", str(tmp_path / "a.wav"), "--source", "tone", "--seconds", "0.1"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vocana_dsp", *words], cwd=ROOT, stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "error: the output cannot be written: No space left on device\n"
        "  files that were written before are whole\n"
    )
    assert soundfile.info(tmp_path / "a.wav").frames == 4_800


def test_a_process_with_too_many_files_open_is_told_what_to_do(tmp_path, monkeypatch):
    def refuse() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(portaudio, "devices", refuse)
    done = vocana("devices")
    assert (done.exit_code, done.stderr) == (
        1,
        "error: this process has too many files open\n  close some, or raise `ulimit -n`\n",
    )
