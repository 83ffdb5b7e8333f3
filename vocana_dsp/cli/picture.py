"""A recording as a picture: waveform, spectrogram and loudness over time. Needs matplotlib."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import VocanaError
from ..files.outputs import check_place, refusal
from ..words import clock, plural, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..features.analysis import Analysis
    from ..features.overview import View

WIDTH_PX, HEIGHT_PX, DPI = 1600, 1060, 150
LONGEST_NAME = 48
LANES = 2  # channels that have a waveform each; more share one

INK, QUIET, GRID = "#1f2933", "#7b8794", "#e4e7eb"
WAVE, SHORT, MOMENTARY = "#3d6b99", "#b4462f", "#d99a86"

RANGE_DB = 80.0  # of the spectrogram, below the loudest
LOWEST_LUFS, HIGHEST_LUFS = -60.0, 0.0
MOST_TICKS = 9
TICKS_S = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
TICKS_HZ = (200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


def need_matplotlib() -> None:
    """Raise VocanaError unless matplotlib is there."""
    if importlib.util.find_spec("matplotlib") is None:
        raise VocanaError(
            "--png needs matplotlib, which is not installed",
            code="no_matplotlib",
            hint="run `pip install vocana-dsp[plot]`",
        )


def check_target(path: Path, *, overwrite: bool) -> None:
    """Raise VocanaError when a picture cannot be written to `path`, or may not replace it."""
    if path.suffix.lower() != ".png":
        raise VocanaError(
            f"{path} does not end in .png", code="bad_name", hint="name a .png file or a directory"
        )
    check_place(path, overwrite=overwrite)
    if not os.access(path.parent, os.W_OK):
        raise VocanaError(
            f"{path.parent} cannot be written",
            code="not_writable",
            hint="choose a directory that exists and is yours",
        )


def draw(path: Path, name: str, analysis: Analysis, view: View, *, overwrite: bool) -> None:
    """Write the picture; what was there stays as it was until the new one is complete."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_PX / DPI, HEIGHT_PX / DPI), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    _compose(figure, name, analysis, view)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with warnings.catch_warnings():  # of a name whose letters the font has not
            warnings.simplefilter("ignore")
            figure.savefig(part, format="png")
        check_target(path, overwrite=overwrite)
        part.replace(path)
    except OSError as error:
        raise refusal(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _compose(figure: Figure, name: str, analysis: Analysis, view: View) -> None:
    waves = list(zip(view.low, view.high, strict=True))
    if len(waves) > LANES:
        waves = [(view.low.min(axis=0), view.high.max(axis=0))]
    lanes = len(waves)
    heights = [1.0 / lanes] * lanes + [2.0] + ([1.0] if view.momentary_lufs.size else [])
    axes = figure.subplots(
        len(heights),
        1,
        squeeze=False,
        gridspec_kw={
            "height_ratios": heights,
            "left": 0.075,
            "right": 0.915,
            "top": 0.905,
            "bottom": 0.065,
            "hspace": 0.16,
        },
    )[:, 0]
    name = shown(name)
    title = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."
    figure.text(
        0.075, 0.955, title, size=12, weight="bold", color=INK, va="center", parse_math=False
    )
    figure.text(0.915, 0.955, _caption(analysis), size=8, color=QUIET, va="center", ha="right")
    for axis in axes:
        _plain(axis, view.duration_s)
    for lane, (low, high) in enumerate(waves):
        _wave(axes[lane], low, high, view, ("left", "right")[lane] if lanes > 1 else "level")
    _spectrogram(figure, axes[lanes], view)
    if view.momentary_lufs.size:
        _loudness(axes[lanes + 1], analysis, view)
    figure.align_ylabels(axes)
    for axis in axes[:-1]:
        axis.tick_params(labelbottom=False)
    axes[-1].xaxis.set_major_formatter(lambda seconds, _: _time(seconds, view.duration_s))


def _caption(analysis: Analysis) -> str:
    """Say in one line what matters most."""
    parts = [
        clock(analysis.duration_s),
        f"{analysis.rate:,} Hz",
        plural(len(analysis.channels), "channel"),
    ]
    if analysis.loudness is not None and np.isfinite(analysis.loudness.integrated_lufs):
        parts.append(f"{analysis.loudness.integrated_lufs:.1f} LUFS")
    if np.isfinite(analysis.true_peak_db):
        parts.append(f"{analysis.true_peak_db:.1f} dBTP")
    return "   ".join(parts)


def _time(seconds: float, longest: float) -> str:
    """Write a time as briefly as the whole allows."""
    if longest < 60:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    if longest < 3600:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _plain(axis: Axes, duration_s: float) -> None:
    axis.set_xlim(0, duration_s)
    if duration_s >= 60:
        step = next((s for s in TICKS_S if duration_s / s < MOST_TICKS), round(duration_s / 2))
        axis.set_xticks(np.arange(0, duration_s + 1e-9, step))
    axis.tick_params(labelsize=7, colors=QUIET, length=2.5, width=0.6)
    for side, line in axis.spines.items():
        line.set_visible(side in ("left", "bottom"))
        line.set_color(QUIET)
        line.set_linewidth(0.6)


def _label(axis: Axes, text: str) -> None:
    axis.set_ylabel(text, size=8, color=INK)


def _wave(axis: Axes, low: Any, high: Any, view: View, name: str) -> None:
    start = np.arange(len(low)) * view.wave_step_s
    reach = max(1.0, float(np.abs([low, high]).max(initial=0)))
    axis.fill_between(start, low, high, step="post", color=WAVE, linewidth=0.5, edgecolor=WAVE)
    axis.axhline(0, color=GRID, linewidth=0.6, zorder=0)
    axis.set_ylim(-reach * 1.02, reach * 1.02)
    axis.set_yticks([-1, 0, 1])
    _label(axis, name)


def _spectrogram(figure: Figure, axis: Axes, view: View) -> None:
    bands, columns = view.spectrogram_db.shape
    extent = (0.0, columns * view.spectrogram_step_s, 0.0, float(bands))
    image = axis.imshow(
        view.spectrogram_db,
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap="magma",
        vmin=-RANGE_DB,
        vmax=0,
        interpolation="nearest",
    )
    axis.set_xlim(0, view.duration_s)
    ticks = [hertz for hertz in TICKS_HZ if hertz < 0.97 * view.highest_hz]
    axis.set_yticks([_mel(hertz) / _mel(view.highest_hz) * bands for hertz in ticks])
    axis.set_yticklabels([f"{h // 1000}k" if h >= 1000 else str(h) for h in ticks])
    _label(axis, "Hz")
    box = axis.get_position()
    bar = figure.colorbar(image, cax=figure.add_axes((0.925, box.y0, 0.009, box.height)))
    bar.ax.tick_params(labelsize=7, colors=QUIET, length=2.5, width=0.6)
    bar.outline.set_visible(False)
    bar.ax.set_title("dB", size=7, color=QUIET, pad=4)


def _mel(hertz: float) -> float:
    """Slaney's scale, as the bands are made."""
    if hertz < 1000:
        return 3 * hertz / 200
    return 15 + 27 * float(np.log(hertz / 1000) / np.log(6.4))


def _loudness(axis: Axes, analysis: Analysis, view: View) -> None:
    end = np.arange(1, len(view.momentary_lufs) + 1) * view.loudness_step_s
    for values, colour, name, width in (
        (view.momentary_lufs, MOMENTARY, "momentary", 0.8),
        (view.short_term_lufs, SHORT, "short-term", 1.4),
    ):
        shown = np.where(np.isfinite(values), np.maximum(values, LOWEST_LUFS), np.nan)
        axis.plot(end, shown, color=colour, linewidth=width, label=name)
    integrated = analysis.loudness.integrated_lufs if analysis.loudness else -np.inf
    if np.isfinite(integrated):
        axis.axhline(
            integrated, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), label="integrated"
        )
    axis.set_ylim(LOWEST_LUFS, HIGHEST_LUFS)
    axis.set_yticks([-60, -45, -30, -15, 0])
    axis.grid(axis="y", color=GRID, linewidth=0.6)
    axis.set_axisbelow(True)
    _label(axis, "LUFS")
    axis.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 0.97),
        ncols=3,
        fontsize=7,
        frameon=False,
        labelcolor=QUIET,
        borderaxespad=0,
    )
