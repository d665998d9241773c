"""The documents' torch corridor over every length from 5 to 40 and interval from 2 to 10.

Without a hostile, safe and not; then, for every length and a third of the intervals, with one that leaves,
dies, stands still or prowls, and with too few torches.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from tests.registry.corridors import corridor, in_family, proposal, twin, with_test

from conscious_bot.behavior import LeafIndex, compile_option
from conscious_bot.contracts import OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import LeafCatalogue, default_catalogue
from conscious_bot.registry.trial import SandboxReport, try_option
from tools.prove._pieces import add_pace, pace_of, pieces

LENGTHS, INTERVALS = (5, 40), range(2, 11)
FEW, LIT_BY_IT = 1, 7
"""One torch lets the body walk so many cells at most: the shortest corridors need no more."""


def main(words: Sequence[str] = ()) -> bool:
    """Every corridor ends as it should: lit to its end, or failed for the reason there is."""
    parser = argparse.ArgumentParser(prog="corridor", description=__doc__)
    parser.add_argument(
        "--lengths", type=int, nargs=2, default=LENGTHS, help="from the one to the other, both included"
    )
    add_pace(parser)
    found = parser.parse_args(list(words))
    shortest, longest = found.lengths
    counts: Counter[str] = Counter()
    bad: list[str] = []
    # The longest first: the processes then end together.
    for length, one in pieces("corridor", range(longest, shortest - 1, -1), _of_length, pace_of(found), _warm):
        tried, wrong = one
        counts += tried
        bad += wrong
        print(f"{length} cells: {sum(tried.values())} corridors, {len(wrong)} not as they should be", flush=True)
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items())))
    for line in bad[:20]:
        print(line)
    return not bad


def _of_length(length: int) -> tuple[Counter[str], list[str]]:
    """What was tried in corridors of this length, and what did not end as it should."""
    tables, catalogue, leaves = _given()
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for kind, interval, raw in (*_alone(length), *_hunted(length)):
        option = compile_option(OptionDocument.model_validate(raw), leaves, cap_s=600)
        report = try_option(option, catalogue, tables)
        good = _as_it_should(kind, report)
        counts[f"{kind} {'as it should' if good else 'NOT'}"] += 1
        if not good:
            bad.append(f"{length} cells, interval {interval}, {kind}: {report.summary()}")
    return counts, bad


def _warm() -> None:
    """Load tables and kernels, so that collecting a corridor's world does not have to look at them again."""
    tables, catalogue, leaves = _given()
    raw = with_test(proposal(), corridor(LENGTHS[0]), LENGTHS[0], INTERVALS[0])
    try_option(compile_option(OptionDocument.model_validate(raw), leaves, cap_s=600), catalogue, tables)
    gc.collect()
    gc.freeze()


@cache
def _given() -> tuple[Tables, LeafCatalogue, LeafIndex]:
    catalogue = default_catalogue()
    return Tables.builtin(), catalogue, LeafIndex(catalogue.specs())


def _alone(length: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for interval in INTERVALS:
        for kind in ("safe", "twin"):
            option = twin(proposal(), safe=kind == "safe")
            yield kind, interval, with_test(option, corridor(length), length, interval)


def _hunted(length: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for interval in INTERVALS[length % 3 :: 3]:
        for hostile in ("leaves", "dies", "stays"):
            yield hostile, interval, in_family(proposal(), length, interval, hostile)
        yield "prowls", interval, in_family(proposal(), length, interval, "stays", prowls=True)
        if length > LIT_BY_IT:
            yield "few torches", interval, in_family(proposal(), length, interval, torches=FEW)


def _as_it_should(kind: str, report: SandboxReport) -> bool:
    test = report.tests[0]
    code = None if test.error is None else str(test.error.code)
    match kind:
        case "twin":
            return not report.passed and not next(one for one in test.post if one.name == "corridor.light>=8").ok
        case "stays" | "prowls":
            return code == "combat.threatPersists"
        case "few torches":
            return code == "inventory.missing"
        case _:
            return report.passed


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
