"""The example of docs/leaves.md is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.leaves.conftest import shown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "leaves.md"


@pytest.mark.requirement("LEAF-01")
def test_the_leaf_of_the_page_can_be_registered_and_does_what_it_says(stage) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - the project's own page
    stage.catalogue.register(names["EmptyHand"]())

    async def script(s):
        await s.give("stick")
        return await s.run("empty_hand"), await s.run("empty_hand")

    first, second = stage.play(script)
    assert shown(first).observables["difference"]["held"] == {"before": "stick", "after": None}
    assert shown(second).changed is False
