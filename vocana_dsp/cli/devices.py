"""`vocana devices`: what can record here, and at which rates it really opens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..capture.portaudio import DeviceInfo


def _found(quick: bool) -> list[tuple[DeviceInfo, list[int] | None]]:
    from ..capture import portaudio

    return [
        (device, None if quick else [int(rate) for rate in portaudio.open_rates(device)])
        for device in portaudio.devices()
    ]


def _as_dict(device: DeviceInfo, rates: list[int] | None) -> dict[str, Any]:
    return {
        "index": device.index,
        "name": device.name,
        "host_api": device.host_api,
        "channels": device.input_channels,
        "default_rate_hz": device.default_rate,
        "rates_hz": rates,
        "latency_ms": device.latency_ms,
        "default": device.is_default,
    }


def _rates(device: DeviceInfo, rates: list[int] | None) -> str:
    """Rates in kHz, the default one first to be seen."""
    if rates is None:
        return f"[dim]{device.default_rate / 1000:g}[/] [dim](not tried)[/]"
    if not rates:
        return "[yellow]none opens[/]"
    return " ".join(
        f"[bold]{rate / 1000:g}[/]" if rate == device.default_rate else f"{rate / 1000:g}"
        for rate in rates
    )


def _print_table(found: list[tuple[DeviceInfo, list[int] | None]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False)
    table.add_column("")
    table.add_column("#", justify="right", style="dim")
    table.add_column("name", style="bold", overflow="fold")
    table.add_column("host API")
    table.add_column("channels", justify="right")
    table.add_column("rates, kHz", overflow="fold")
    table.add_column("latency", justify="right")
    for device, rates in found:
        table.add_row(
            "[green]●[/]" if device.is_default else "",
            str(device.index),
            escape(device.name),
            escape(device.host_api),
            str(device.input_channels),
            _rates(device, rates),
            f"{device.latency_ms:.1f} ms" if device.latency_ms else "",
        )
    console = Console()
    console.print(table)
    console.print("[green]●[/] [dim]the default   [/][bold]bold[/][dim]: its own rate[/]")


@click.command("devices")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--quick", is_flag=True, help="Open nothing: list, but do not try rates.")
def command(as_json: bool, quick: bool) -> None:
    """List input devices and the rates they open.

    Each rate is tried by opening the device for a moment, so a device in use may show fewer.
    """
    found = _found(quick)
    if as_json:
        click.echo(json.dumps([_as_dict(*entry) for entry in found], indent=2))
    elif found:
        _print_table(found)
    else:
        click.echo("No input device. To try without one: vocana record out.wav --source tone")
