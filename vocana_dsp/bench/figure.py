"""What a benchmark says: a figure, what it is compared with, and what it has to reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a figure's ratio to its peer, or on its value in its own unit.

    >>> str(Target("ratio", "<=", 1.1)), str(Target("value", "<=", 0))
    ('ratio <= 1.1', 'value <= 0')
    """

    of: Literal["ratio", "value"]
    sense: Literal["<=", ">=", "<"]
    bound: float

    def __str__(self) -> str:
        return f"{self.of} {self.sense} {self.bound:g}"

    def met(self, number: float) -> bool:
        """Whether the number, not rounded, is within the bound; never for NaN.

        >>> Target("value", "<", 10).met(10.667), Target("ratio", ">=", 1.0).met(0.9999)
        (False, False)
        """
        if self.sense == "<=":
            return number <= self.bound
        return number >= self.bound if self.sense == ">=" else number < self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        name: what was measured; begins with its topic.
        value: ours, in `unit`; None when it could not be measured.
        unit: of `value` and `peer_value`.
        peer: what it is compared with, "" when with nothing.
        peer_value: measured in the same run, in turn with ours.
        ratio: median over the pairs of runs of ours / the peer's.
        target: what it has to reach; None for a figure that only informs.
        note: how to read it, or why it is missing.
        error_db: how far our result is from one in float64, in dB of that; None without a result.
        group: what it was measured with, one of `GROUPS`.
    """

    name: str
    value: float | None
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    target: Target | None = None
    note: str = ""
    error_db: float | None = None
    group: str = ""

    @property
    def passed(self) -> bool | None:
        """Whether the target is reached; None without a target or without a measurement.

        >>> Figure("x", 2.0, "ns", ratio=1.2, target=Target("ratio", "<=", 1.1)).passed
        False
        """
        if self.target is None:
            return None
        number = self.ratio if self.target.of == "ratio" else self.value
        return None if number is None else self.target.met(number)

    @property
    def measured(self) -> bool:
        """Whether there is a number to hold against the target, or a value if it has none."""
        return self.value is not None and (self.target is None or self.passed is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "group": self.group,
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer or None,
            "peer_value": self.peer_value,
            "ratio": self.ratio,
            "target": str(self.target) if self.target else None,
            "passed": self.passed,
            "error_db": self.error_db,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a run, and the machine on which they were measured."""

    figures: list[Figure]
    machine: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether no measured figure missed its target.

        >>> Report([Figure("x", 2.0, "ns", target=Target("value", "<=", 1.0))]).passed
        False
        """
        return all(figure.passed is not False for figure in self.figures)

    @property
    def unmeasured(self) -> list[str]:
        """Names of the figures that have no result here, for example because a peer is absent."""
        return [figure.name for figure in self.figures if not figure.measured]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "passed": self.passed,
            "unmeasured": self.unmeasured,
            "machine": dict(self.machine),
            "figures": [figure.to_dict() for figure in self.figures],
        }
