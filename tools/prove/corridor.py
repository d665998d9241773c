"""The documents' torch corridor over every length from 5 to 40 and interval from 2 to 10, safe and not."""

from __future__ import annotations

import sys
from collections import Counter

from tests.registry.corridors import corridor, proposal, twin, with_test

from conscious_bot.behavior import LeafIndex, compile_option
from conscious_bot.contracts import OptionDocument
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.trial import try_option

LENGTHS, INTERVALS = range(5, 41), range(2, 11)


def main() -> bool:
    """Every corridor lights up; every twin that does not care for safety is refused for its light."""
    tables, catalogue = Tables.builtin(), default_catalogue()
    leaves = LeafIndex(catalogue.specs())
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for length in LENGTHS:
        for interval in INTERVALS:
            for safe in (True, False):
                raw = with_test(twin(proposal(), safe=safe), corridor(length), length, interval)
                option = compile_option(OptionDocument.model_validate(raw), leaves, cap_s=600)
                report = try_option(option, catalogue, tables)
                light = next(one for one in report.tests[0].post if one.name == "corridor.light>=8")
                good = report.passed if safe else not report.passed and not light.ok
                counts[f"{'safe' if safe else 'twin'} {'as it should' if good else 'NOT'}"] += 1
                if not good:
                    bad.append(f"{length} cells, interval {interval}, safe {safe}: {report.summary()}")
        print(f"{length} cells: {dict(counts)}", flush=True)
    for line in bad[:20]:
        print(line)
    return not bad


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
