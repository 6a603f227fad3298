"""Measuring, comparing, and the table at the end. Ratios within one run hold on every machine; times do not."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Act = Callable[[], object]


def clock(*sides: Sequence[Act], times: int = 7) -> list[list[float]]:
    """Return for each side how many milliseconds each of its acts takes: the best of several times.

    The sides take turns, so that whatever else the machine does meets them alike. The best, because a benchmark asks
    what the work costs, not what the neighbours did meanwhile; quantiles are then over different questions.
    """
    best = [[float("inf")] * len(acts) for acts in sides]
    for _round in range(times):
        for acts, found in zip(sides, best, strict=True):
            for place, act in enumerate(acts):
                begun = time.perf_counter_ns()
                act()
                found[place] = min(found[place], (time.perf_counter_ns() - begun) / 1e6)
    return best


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Row:
    """A line of the table. `limit` and `stretch` are ratios, above which ours is too slow."""

    what: str
    ours: float
    against: float
    limit: float | None = None
    stretch: float | None = None
    unit: str = "ms"
    known: str = ""

    @property
    def ratio(self) -> float:
        """How many times ours is what it is compared with."""
        return self.ours / self.against

    @property
    def verdict(self) -> str:
        """What became of the limit and of the stretch goal."""
        if self.limit is None:
            return ""
        if self.ratio > self.limit:
            return f"MISSED, as known: {self.known}" if self.known else "MISSED"
        if self.stretch is not None and self.ratio > self.stretch:
            return f"met; stretch {self.stretch:g}x missed: {self.known}"
        return "met"


@dataclass
class Report:
    """All lines of a run."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a line of text under the table."""
        self.notes.append(text)

    def compare(self, *rows: Row) -> None:
        """Add lines; then fail if a limit is missed without being known to be."""
        self.rows += rows
        missed = [f"{row.what}: {row.ratio:.2f}x" for row in rows if row.verdict == "MISSED"]
        assert not missed, "; ".join(missed)

    def lines(self) -> list[str]:
        """Return the table."""
        width = max((len(row.what) for row in self.rows), default=0)
        head = f"{'':{width}}  {'limit':>6}  {'ours':>12}  {'against':>12}  {'ratio':>6}"
        body = [
            f"{row.what:{width}}  {'' if row.limit is None else f'{row.limit:g}x':>6}  "
            f"{row.ours:>9.2f} {row.unit}  {row.against:>9.2f} {row.unit}  {row.ratio:>5.2f}x  {row.verdict}"
            for row in self.rows
        ]
        return [head, *body, *self.notes]
