import json
import subprocess
import sys
from pathlib import Path

import pytest

_ANSWERS = """
import json, sys, warnings
import numpy as np
from pathlib import Path
from conscious_bot.game.tables import Tables
from conscious_bot.sterling.construction import solve_bundle
from conscious_bot.sterling.navigation import Navigator
from conscious_bot.world.grid import SOLID, WATER, OccupancyGrid

warnings.simplefilter("error", RuntimeWarning)  # a number that overflows where the compiled ones do not
rng = np.random.default_rng(5)
heights = 2 + np.add.outer(np.arange(14) % 3, rng.integers(0, 2, 14))
blocks = np.where(np.arange(8)[None, :, None] < heights[:, None, :], SOLID, 0).astype(np.uint8)
blocks[5:8, 3, 5:8] = WATER
answers = []
for moves in ("phase1", "extended"):
    navigator = Navigator(OccupancyGrid((-3, 60, 2), blocks), moves=moves)
    spots = [cell for cell, _ in navigator.field((-3, 60 + int(heights[0, 0]), 2))]
    for number in range(40):
        way = navigator.solve(spots[number % len(spots)], spots[-1 - number], tolerance_xz=number % 2)
        answers.append([way.status, way.cost, way.nodes, [step.op for step in way.primitives]])
    navigator.update([((4, 63, 9), SOLID, True)])
    answers.append([navigator.solve(spots[0], spots[-1]).cost, navigator.landmarks])
blueprint = json.loads(Path(sys.argv[1]).read_text())
answers.append(solve_bundle(blueprint, Tables.builtin()).result)
print(json.dumps(answers))
"""
_PYRAMID = Path(__file__).parents[1] / "data" / "blueprints" / "pyramid.json"


@pytest.mark.requirement("STER-02")
def test_where_numba_is_missing_the_kernels_give_the_same_answers_in_plain_python():
    hidden = "import sys; sys.modules['numba'] = None\n"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", begin + _ANSWERS, str(_PYRAMID)], capture_output=True, text=True, check=True
        ).stdout
        for begin in ("", hidden)
    ]
    plain = json.loads(outputs[1])
    assert [answer[0] for answer in plain[:40]] == ["solved"] * 40
    assert plain == json.loads(outputs[0])
