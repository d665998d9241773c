"""What the commands `solve` and `replay` do: files in, wire forms out, with the time each answer took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conscious_bot.contracts import UserError
from conscious_bot.game.tables import Tables
from conscious_bot.memory.journal import Journal
from conscious_bot.memory.ways import load_ways
from conscious_bot.sterling import bundle as bundles
from conscious_bot.sterling import construction
from conscious_bot.sterling.learning import PathMemory
from conscious_bot.sterling.navigation import warm_up
from conscious_bot.sterling.payload import SOLVER_ID, answer_wire, solve_bundle
from conscious_bot.sterling.progression import solve_craft
from conscious_bot.sterling.progression_book import RecipeBook
from conscious_bot.sterling.progression_bundle import CRAFT_SOLVER_ID, craft_bundle

__all__ = ["build", "craft", "navigate", "read_json", "replay"]

MAX_FILE = 1 << 30
"""Bytes of the largest file that is read."""


def read_json(path: Path) -> Any:
    """The document in a file. Raises UserError that names the file and what is wrong with it."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise UserError(f"{path} is larger than {MAX_FILE} bytes", "split it")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "name a file that exists and may be read") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not JSON: {error}", "give one JSON document") from error


def navigate(path: Path, keep: Path | None = None, learned: Path | None = None) -> Any:
    """Answer the solve payload in a file, or each of a list of them; `keep` is a directory for their bundles.

    `learned` is a journal; what its bot has learned of ways counts for payloads that want learning.
    """
    asked = read_json(path)
    ways = None
    if learned is not None:
        if not learned.is_file():
            raise UserError(f"there is no journal at {learned}", "name the journal.sqlite of a run")
        with Journal.open(learned, readonly=True) as journal:
            last = next(iter(journal.events(after=journal.last - 1)), None)
            ways = load_ways(journal), last[1].at if last is not None else 0.0
    warm_up()  # so that ms is what solving takes, not what loading the solver takes
    if isinstance(asked, list):
        return [_navigate(payload, f"{path}, payload {i}", keep, ways) for i, payload in enumerate(asked)]
    return _navigate(asked, str(path), keep, ways)


def _navigate(payload: Any, where: str, keep: Path | None, ways: tuple[PathMemory, float] | None) -> dict[str, Any]:
    begin = time.perf_counter()
    try:
        solved = solve_bundle(payload, ways)
    except UserError as error:
        raise UserError(f"{where}: {error.problem}", error.remedy) from error
    answer = answer_wire(solved, _ms(begin))
    if keep is not None:
        _keep(keep, solved)
    return answer


def _keep(folder: Path, solved: bundles.SolveBundle) -> None:
    place = folder / f"{solved.id.removeprefix('sha256:')}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(solved.wire()), encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {place}: {error.strerror}", "name a directory that may be written") from error


def craft(path: Path, recipes: Path | None = None, keep: Path | None = None) -> list[dict[str, Any]]:
    """Answer the craft problem in a file, or each of a list of them, over a version's recipes or a file's.

    `keep` is a directory for their bundles.
    """
    asked = read_json(path)
    tables = Tables.builtin()
    book = document = None
    if recipes is not None:
        document = read_json(recipes)
        if not isinstance(document, Mapping):
            raise UserError(f"{recipes} holds no recipes", "give an object with the keys recipes and tags")
        try:
            book = RecipeBook.from_recipe_file(document)
        except UserError as error:
            raise UserError(f"{recipes}: {error.problem}", error.remedy) from error
    answers: list[dict[str, Any]] = []
    for number, problem in enumerate(asked if isinstance(asked, list) else [asked]):
        if not isinstance(problem, Mapping):
            raise UserError(
                f"{path}, problem {number}: {type(problem).__name__} is no craft problem",
                "a problem is an object {id, inventory, target, quantity?, surroundings?}",
            )
        begin = time.perf_counter()
        try:
            answer = solve_craft(problem, tables, book)
        except UserError as error:
            raise UserError(f"{path}, problem {number}: {error.problem}", error.remedy) from error
        answers.append({**answer, "ms": _ms(begin)})
        if keep is not None:
            asked_over = {"problem": problem} if document is None else {"problem": problem, "recipes": document}
            _keep(keep, craft_bundle(asked_over, tables, book))
    return answers


def build(path: Path, keep: Path | None = None) -> dict[str, Any]:
    """Order the blueprint in a file on level ground; `keep` is a directory for the bundle."""
    asked = read_json(path)
    tables = Tables.builtin()
    construction.warm_up()
    begin = time.perf_counter()
    try:
        solved = construction.solve_bundle(asked, tables)
    except UserError as error:
        raise UserError(f"{path}: {error.problem}", error.remedy) from error
    answer = construction.answer_wire(solved, _ms(begin))
    if keep is not None:
        _keep(keep, solved)
    return answer


def replay(path: Path) -> dict[str, Any]:
    """Solve a stored bundle again: `{bundleId, solverId, same, differences, ms}`."""
    stored = bundles.SolveBundle.from_wire(read_json(path))
    solve = _solver(stored, path)
    begin = time.perf_counter()
    different = bundles.replay(stored, solve)
    return {
        "bundleId": stored.id,
        "solverId": stored.solver_id,
        "same": not different,
        "differences": different,
        "ms": _ms(begin),
    }


def _solver(stored: bundles.SolveBundle, path: Path) -> Callable[[Mapping[str, Any]], bundles.SolveBundle]:
    """What answers the bundle's question, with its kernels loaded."""
    tables = Tables.builtin()
    if stored.solver_id == SOLVER_ID:
        warm_up()
        return solve_bundle
    if stored.input.get("version") not in (None, tables.version):
        raise UserError(
            f"{path}: it was solved for Minecraft {stored.input['version']}",
            f"bundles of {tables.version} are replayed",
        )
    if stored.solver_id == construction.SOLVER_ID:
        construction.warm_up()
        return lambda asked: construction.solve_bundle(asked["blueprint"], tables)
    if stored.solver_id == CRAFT_SOLVER_ID:
        return lambda problem: craft_bundle(problem, tables)
    known = ", ".join((SOLVER_ID, construction.SOLVER_ID, CRAFT_SOLVER_ID))
    raise UserError(f"{path}: no solver is called {stored.solver_id!r}", f"bundles of {known} can be replayed")


def _ms(begin: float) -> float:
    return round((time.perf_counter() - begin) * 1e3, 3)
