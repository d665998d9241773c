"""A wish for a version is exact, caret, tilde, or the latest; pre-releases are chosen by name only."""

from __future__ import annotations

import pytest

from conscious_bot.registry.versions import SelectorError, best, newest_first

KNOWN = ["0.2.3", "0.2.9", "0.3.0", "1.2.0", "1.2.9", "1.10.0", "2.0.0-rc.1"]


@pytest.mark.requirement("GOV-16")
@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("", "1.10.0"),
        ("1.2.0", "1.2.0"),
        ("9.9.9", None),
        ("^1.2.0", "1.10.0"),
        ("^1", "1.10.0"),
        ("^0.2.3", "0.2.9"),
        ("^2", None),
        ("~1.2", "1.2.9"),
        ("~1.2.1", "1.2.9"),
        ("~1.3", None),
        ("2.0.0-rc.1", "2.0.0-rc.1"),
    ],
)
def test_the_highest_version_that_fits_is_found(wish: str, found: str | None) -> None:
    assert best(KNOWN, wish) == found


@pytest.mark.requirement("GOV-16")
@pytest.mark.parametrize("wish", ["^", "^x", "~1.2.3.4", "latest", "1.x"])
def test_what_is_no_version_is_refused(wish: str) -> None:
    with pytest.raises(SelectorError, match="is no version"):
        best(KNOWN, wish)


def test_versions_are_ordered_by_precedence_not_by_spelling() -> None:
    assert newest_first(KNOWN)[:3] == ["2.0.0-rc.1", "1.10.0", "1.2.9"]
