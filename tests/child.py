"""Running a script in a Python of its own."""

import subprocess
import sys
import textwrap

HANGS_AFTER_S = 120


def run(script, *arguments, env=None):
    """Run a script to its end; a hang is subprocess.TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-X", "faulthandler", "-c", textwrap.dedent(script),
         *map(str, arguments)],
        capture_output=True, text=True, timeout=HANGS_AFTER_S, env=env, check=False,
    )  # fmt: skip


def run_ok(script, *arguments, env=None):
    """Run a script that must end well, with nothing on stderr; return what it printed."""
    done = run(script, *arguments, env=env)
    assert (done.returncode, done.stderr) == (0, ""), f"{done.returncode}\n{done.stderr}"
    return done.stdout
