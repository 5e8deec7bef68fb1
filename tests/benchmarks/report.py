"""What a person reads: a table for each case, the bars, and what was skipped or failed. Pure.

Foreign CPU stands beside every row, because a figure taken under load is worth less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.cases import CASES, Case, Metric
from tests.benchmarks.runner import Sample
from tests.benchmarks.summary import Spread, spread, times_better
from tests.benchmarks.systems import SYSTEMS

SUBJECT = "jupyter_lambda"
FOREIGN_SHARE_WORTH_A_WARNING = 0.1


@dataclass(frozen=True, slots=True)
class BarResult:
    """A bar and the ratio that was reached; None where either side was not measured."""

    case: Case
    ratio: float | None

    @property
    def verdict(self) -> str:
        assert self.case.bar is not None
        if self.ratio is None:
            return "SKIP"
        return "PASS" if self.ratio >= self.case.bar.at_least else "FAIL"


def render(samples: Sequence[Sample], skipped: dict[str, list[str]]) -> str:
    """The whole report as Markdown; ``skipped`` names the modules each system lacked."""
    names = [name for name in CASES if any(sample.case == name for sample in samples)]
    blocks = [_table(CASES[name], samples) for name in names]
    blocks.append(_bars(bar_results(samples)))
    blocks.append(_notes(samples, skipped))
    return "\n\n".join(block for block in blocks if block)


def bar_results(samples: Sequence[Sample]) -> list[BarResult]:
    """One for every case that has a bar and was measured at all."""
    measured = {sample.case for sample in samples}
    return [
        BarResult(case, _ratio(case, case.bar.peer, samples))
        for case in CASES.values()
        if case.bar is not None and case.name in measured
    ]


def _ratio(case: Case, peer: str, samples: Sequence[Sample], system: str = SUBJECT) -> float | None:
    metric = case.metrics[0]
    ours = _spread(samples, system, case, metric)
    theirs = _spread(samples, peer, case, metric)
    if ours is None or theirs is None:
        return None
    return times_better(ours.median, theirs.median, higher_is_better=metric.higher_is_better)


def _spread(samples: Sequence[Sample], system: str, case: Case, metric: Metric) -> Spread | None:
    figures = [
        sample.figures[metric.key]
        for sample in samples
        if sample.system == system and sample.case == case.name and metric.key in sample.figures
    ]
    return spread(figures) if figures else None


def _table(case: Case, samples: Sequence[Sample]) -> str:
    header = ["system"]
    header += [f"{metric.title}: min / **median** / max" for metric in case.metrics]
    header += [f"x {SYSTEMS[case.peer].title}", "foreign CPU"]
    systems = dict.fromkeys(sample.system for sample in samples if sample.case == case.name)
    rows = [_row(case, system, samples) for system in systems]
    lines = [f"### {case.title}", "", _line(header), _line(["---"] * len(header))]
    return "\n".join(lines + [_line(row) for row in rows])


def _row(case: Case, system: str, samples: Sequence[Sample]) -> list[str]:
    cells = [_name(system)]
    for metric in case.metrics:
        figures = _spread(samples, system, case, metric)
        cells.append(_spread_text(figures, metric) if figures else "failed")
    ratio = _ratio(case, case.peer, samples, system)
    cells.append("" if ratio is None else _ratio_text(ratio))
    foreign = [
        sample.foreign
        for sample in samples
        if sample.system == system and sample.case == case.name and sample.foreign is not None
    ]
    cells.append(_foreign_text(foreign))
    return cells


def _spread_text(figures: Spread, metric: Metric) -> str:
    low, middle, high = (
        f"{figure:,.{metric.decimals}f}"
        for figure in (figures.minimum, figures.median, figures.maximum)
    )
    return f"{low} / **{middle}** / {high}"


def _ratio_text(ratio: float) -> str:
    """Three significant digits, without an exponent."""
    if not math.isfinite(ratio) or ratio <= 0:
        return str(ratio)
    decimals = max(0, 2 - math.floor(math.log10(ratio)))
    return f"{ratio:,.{decimals}f}"


def _foreign_text(shares: list[float]) -> str:
    if not shares:
        return "too short to tell"
    figures = spread(shares)
    return f"{figures.median:.0%} (max {figures.maximum:.0%})"


def _bars(results: list[BarResult]) -> str:
    lines = ["### Bars", ""]
    for result in results:
        bar = result.case.bar
        assert bar is not None
        reached = (
            "not measured" if result.ratio is None else f"{_ratio_text(result.ratio)} times better"
        )
        lines.append(
            f"- {result.verdict} {result.case.name}: {reached} against {_name(bar.peer)}; "
            f"the bar is {bar.at_least:g} times"
        )
    return "\n".join(lines) if results else ""


def _notes(samples: Sequence[Sample], skipped: dict[str, list[str]]) -> str:
    lines = [
        f"- skipped {_name(system)}: not installed: {', '.join(missing)}"
        for system, missing in skipped.items()
    ]
    failures: dict[tuple[str, int, str], list[str]] = {}
    for sample in samples:
        if sample.error:
            failures.setdefault((sample.system, sample.round, sample.error), []).append(sample.case)
    lines += [
        f"- failed {_name(system)} in round {number}, {', '.join(cases)}: {error}"
        for (system, number, error), cases in failures.items()
    ]
    loaded = [sample for sample in samples if _is_loaded(sample)]
    if loaded:
        lines.append(
            f"- {len(loaded)} of {len(samples)} phases had more than "
            f"{FOREIGN_SHARE_WORTH_A_WARNING:.0%} foreign CPU: trust the ratios, not the times"
        )
    return "\n".join(["### Notes", "", *lines]) if lines else ""


def _is_loaded(sample: Sample) -> bool:
    return sample.foreign is not None and sample.foreign > FOREIGN_SHARE_WORTH_A_WARNING


def _name(system: str) -> str:
    return f"{SYSTEMS[system].title} ({SYSTEMS[system].how})"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
