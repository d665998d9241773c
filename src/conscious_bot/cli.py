"""The command line. Each command imports what it needs, so that --help answers at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Never

import structlog
import typer
from rich.console import Console
from rich.table import Table

from conscious_bot.contracts import UserError

if TYPE_CHECKING:
    from conscious_bot.body.mineflayer import ServerOptions

__all__ = ["main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A brain for an autonomous Minecraft bot: it keeps itself alive, pursues goals, and says why.",
)
scenario_app = typer.Typer(no_args_is_help=True, help="List and run the shipped scenarios.")
app.add_typer(scenario_app, name="scenario")
solve_app = typer.Typer(no_args_is_help=True, help="Ask the solver: the best way, the shortest recipe.")
app.add_typer(solve_app, name="solve")

World = Annotated[str, typer.Option(help="sim for the built-in world, or a server as HOST:PORT.")]
Seed = Annotated[int, typer.Option(help="Seed of the built-in world and of every choice; equal seeds, equal runs.")]
Data = Annotated[Path, typer.Option(help="Where journals and worlds are kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@app.command()
def run(
    world: World = "sim",
    username: Annotated[str, typer.Option(help="The bot's player name.")] = "Sterling",
    auth: Annotated[str, typer.Option(help="How to log in to a server: offline or microsoft.")] = "offline",
    mc_version: Annotated[str | None, typer.Option(help="The server's game version; found out by itself.")] = None,
    seed: Seed = 1,
    difficulty: Annotated[
        str, typer.Option(help="Of a new built-in world: peaceful, easy, normal or hard.")
    ] = "peaceful",
    goal: Annotated[str | None, typer.Option(help='Do this and end: "get 3 oak_log", "go 10 64 -20".')] = None,
    speed: Annotated[str, typer.Option(help="Built-in world: game seconds per second, or max.")] = "1",
    duration: Annotated[
        str | None, typer.Option("--for", help="End after this long in the world: 90s, 10m, 2h.")
    ] = None,
    data: Data = Path(".conscious-bot"),
    port: Annotated[int, typer.Option(help="Port of the dashboard, on this machine only.")] = 8080,
    dashboard: Annotated[bool, typer.Option(help="Show the dashboard.")] = True,
    live_share: Annotated[
        float, typer.Option(help="The share of an option's live runs that its candidate may have, at most 0.5.")
    ] = 0.0,
    record: Annotated[
        Path | None, typer.Option(help="Write every call, answer and event of the body to this new file (.gz).")
    ] = None,
) -> None:
    """Let the bot live in a world, with the dashboard at http://127.0.0.1:8080.

    Without --goal it lives on until it is interrupted (Ctrl-C) and goes on where it stopped when it is
    started again. With --goal it ends with status 0 when the goal is reached and 1 when it is given up.
    """
    from conscious_bot.registry.sandbox import Sandbox

    if auth not in ("offline", "microsoft"):
        raise UserError(f"cannot log in by {auth!r}", "say --auth offline or --auth microsoft")
    if difficulty not in ("peaceful", "easy", "normal", "hard"):
        raise UserError(f"there is no difficulty {difficulty!r}", "say peaceful, easy, normal or hard")
    if not 0 <= live_share <= 0.5:
        raise UserError(f"a candidate cannot have a share of {live_share:g}", "say --live-share 0 to 0.5")
    with Sandbox() as sandbox:
        if dashboard:
            sandbox.start()  # it gets warm while the rest is loaded, and is ready for the service's first registration
        from conscious_bot import agent
        from conscious_bot.settings import RunSettings, parse_duration, parse_speed, parse_world

        settings = RunSettings(
            server=parse_world(world),
            username=username,
            auth=auth,
            mc_version=mc_version,
            seed=seed,
            difficulty=difficulty,
            goal=goal,
            speed=parse_speed(speed),
            duration_s=parse_duration(duration) if duration else None,
            data=data,
            port=port,
            dashboard=dashboard,
            live_share=live_share,
            record=record,
        )
        raise typer.Exit(agent.run(settings, sandbox))


@app.command("doctor")
def doctor_command() -> None:
    """Say what is missing on this machine, and how to mend it."""
    from conscious_bot import doctor

    table = Table("", "what", "found", "how to mend it", box=None)
    findings = doctor.examine()
    for finding in findings:
        mark = {"ok": "[green]ok[/]", "optional": "[yellow]absent[/]", "missing": "[red]missing[/]"}[finding.verdict]
        table.add_row(mark, finding.what, finding.found, finding.remedy)
    Console().print(table)
    raise typer.Exit(1 if any(finding.verdict == "missing" for finding in findings) else 0)


@scenario_app.command("list")
def scenario_list(*, as_json: AsJson = False) -> None:
    """List the scenarios."""
    from conscious_bot import scenarios

    found = scenarios.shipped()
    if as_json:
        print(json.dumps([{"id": s.id, "requirement": s.requirement, "title": s.title} for s in found]))
        return
    table = Table("id", "proves", "title", box=None)
    for scenario in found:
        table.add_row(scenario.id, scenario.requirement, scenario.title)
    Console().print(table)


@scenario_app.command("run")
def scenario_run(
    ids: Annotated[list[str], typer.Argument(help="Scenario ids, such as S4.")],
    world: World = "sim",
    seed: Seed = 1,
    variant: Annotated[Path | None, typer.Option(help="A TOML file that overrides parts of the scenario.")] = None,
    data: Data = Path(".conscious-bot"),
    *,
    as_json: AsJson = False,
) -> None:
    """Run scenarios; status 0 only if all their success predicates hold in the world."""
    from conscious_bot import scenarios
    from conscious_bot.settings import parse_world

    server = parse_world(world)
    wanted = [scenarios.named(name, variant) for name in ids]
    reports = [scenarios.run(scenario, server=server, seed=seed, data=data) for scenario in wanted]
    if as_json:
        print(json.dumps(reports))
    else:
        table = Table("scenario", "world", "seed", "passed", "virtual s", "wall s", "why", box=None)
        for report in reports:
            why = "; ".join(f"{p['name']}: {p['observed']}" for p in report["predicates"])
            passed = "[green]yes[/]" if report["passed"] else "[red]no[/]"
            times = (f"{report['virtualSeconds']:.1f}", f"{report['wallSeconds']:.1f}")
            table.add_row(report["scenario"], report["world"], str(report["seed"]), passed, *times, why)
        Console().print(table)
    raise typer.Exit(0 if all(report["passed"] for report in reports) else 1)


@solve_app.command("navigate")
def solve_navigate(
    file: Annotated[Path, typer.Argument(help="A solve payload, or a list of them, as JSON.")],
    bundles: Annotated[Path | None, typer.Option(help="Keep a bundle of each answer here, for replay.")] = None,
    learned: Annotated[Path | None, typer.Option(help="A journal whose bot's experience counts where asked.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find the cheapest way through an occupancy grid. Without --learned, learning is off."""
    from conscious_bot import solving

    found = solving.navigate(file, bundles, learned)
    if as_json:
        print(json.dumps(found))
        return
    table = Table("status", "cost", "steps", "nodes", "ms", "bundle", box=None)
    for one in found if isinstance(found, list) else [found]:
        cost = "" if one["cost"] is None else f"{one['cost']:g}"
        steps = str(len(one["primitives"]))
        table.add_row(one["status"], cost, steps, str(one["nodes"]), f"{one['ms']:.2f}", one["bundleId"])
    Console().print(table)


@solve_app.command("craft")
def solve_craft(
    file: Annotated[Path, typer.Argument(help="A craft problem, or a list of them, as JSON.")],
    recipes: Annotated[Path | None, typer.Option(help="A recipe file to use instead of the game's recipes.")] = None,
    bundles: Annotated[Path | None, typer.Option(help="Keep a bundle of each answer here, for replay.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find the best plan for an item, or name the source that is missing."""
    from conscious_bot import solving

    found = solving.craft(file, recipes, bundles)
    if as_json:
        print(json.dumps(found))
        return
    table = Table("id", "status", "length", "ms", "steps or what is missing", box=None)
    for one in found:
        steps = ", ".join(f"{s['action']} {s['count']} {s['item']}" for s in one["steps"]) or ", ".join(one["missing"])
        table.add_row(str(one["id"]), one["status"], str(one["length"] or ""), f"{one['ms']:.2f}", steps)
    Console().print(table)


@solve_app.command("build")
def solve_build(
    file: Annotated[Path, typer.Argument(help="A blueprint, as JSON.")],
    bundles: Annotated[Path | None, typer.Option(help="Keep a bundle of the answer here, for replay.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Count a blueprint's materials and find an order to place it in, on level ground."""
    from conscious_bot import solving

    found = solving.build(file, bundles)
    if as_json:
        print(json.dumps(found))
        return
    scaffold = found["scaffold"]
    print(f"{found['status']}: {len(found['order'])} to place, {found['ms']:.1f} ms")
    if scaffold["count"]:
        print(f"{scaffold['count']} {scaffold['block']} for scaffold, dug away again")
    table = Table("material", "count", box=None)
    for item, count in found["materials"].items():
        table.add_row(item, str(count))
    Console().print(table)
    for one in found["unplaced"]:
        print(f"{one['block']} at {one['pos']}: {one['why']}")


@app.command(
    "capabilities",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def capabilities_command(context: typer.Context) -> None:
    """Register, look at and move what the bot can do: skills as documents, and leaves that somebody signed."""
    from conscious_bot.registry.sandbox import Sandbox

    with Sandbox() as sandbox:
        if context.args and context.args[0].startswith("register"):
            sandbox.start()  # it gets warm while the rest is loaded
        from conscious_bot.cli_capabilities import capabilities_app

        capabilities_app(args=context.args, prog_name="conscious-bot capabilities", obj=sandbox)


@app.command("conformance")
def conformance_command(
    world: World = "sim",
    username: Annotated[str, typer.Option(help="The bot's player name; it has to be an operator.")] = "Sterling",
    auth: Annotated[str, typer.Option(help="How to log in to a server: offline or microsoft.")] = "offline",
    mc_version: Annotated[str | None, typer.Option(help="The server's game version; found out by itself.")] = None,
    probe: Annotated[list[str] | None, typer.Option(help="Only this probe; may be given several times.")] = None,
    leaf: Annotated[list[str] | None, typer.Option(help="With --leaves: only this leaf; may be repeated.")] = None,
    *,
    leaves: Annotated[bool, typer.Option("--leaves", help="Try every leaf instead, on a flat server.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare a world's rules with the version's tables; status 0 only if nothing differs.

    On a server it builds a stone floor in the air above the bot, and needs an operator's rights there. With
    --leaves every leaf is brought to every way it can end, on the ground where the bot comes in.
    """
    from conscious_bot.body.mineflayer import ServerOptions
    from conscious_bot.settings import parse_world
    from conscious_bot.testing import conformance_command

    if auth not in ("offline", "microsoft"):
        raise UserError(f"cannot log in by {auth!r}", "say --auth offline or --auth microsoft")
    address = parse_world(world)
    server = None if address is None else ServerOptions(address, username=username, auth=auth, version=mc_version)
    if leaves:
        if server is None:
            raise UserError("leaves are tried on a server", "say --world HOST:PORT, or `make prove ARGS=leaves`")
        _try_leaves(server, leaf or (), as_json=as_json)
    report = conformance_command.run(server, probe or ())
    if as_json:
        print(json.dumps(report))
    else:
        table = Table("verdict", "probe", "case", "expected", "observed", box=None)
        marks = {"agrees": "[green]agrees[/]", "differs": "[red]differs[/]", "skipped": "[yellow]skipped[/]"}
        for found in report["findings"]:
            told = (_plain(found[key]) for key in ("probe", "case", "expected", "observed"))
            table.add_row(marks[found["verdict"]], *told)
        Console().print(table)
        print(
            f"{report['agrees']} agree, {report['differs']} differ, {report['skipped']} skipped ({report['version']})"
        )
    raise typer.Exit(1 if report["differs"] else 0)


def _try_leaves(server: ServerOptions, leaves: Sequence[str], *, as_json: bool) -> Never:
    from conscious_bot.testing import conformance_command, leaf_kit

    def say(rows: Sequence[leaf_kit.Row]) -> None:
        print(
            f"{rows[0].leaf}: {', '.join(f'{row.outcome} {row.status}' for row in rows)}", file=sys.stderr, flush=True
        )

    version, rows = conformance_command.run_leaves(server, leaves, say=say)
    if as_json:
        print(json.dumps({"world": str(server.address), "version": version, "rows": [asdict(row) for row in rows]}))
    else:
        print(leaf_kit.table(rows, f"{server.address} ({version})"))
    raise typer.Exit(1 if any(row.status == "FAILED" for row in rows) else 0)


@app.command("replay")
def replay_command(
    file: Annotated[Path, typer.Argument(help="A solve bundle that was kept, or a recorded session (.gz).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Solve a kept bundle again, or play a recorded session's leaves on it; status 0 only if all is the same."""
    if file.suffix == ".gz":
        from conscious_bot.testing import recorded_leaves

        found = recorded_leaves.replay(file)
        same = f"the same again: {found['leaves']} leaves"
        if not found["complete"]:
            same += "; the recording was cut off, what was under way then is left out"
    else:
        from conscious_bot import solving

        found = solving.replay(file)
        same = f"the same answer again: {found['bundleId']}"
    if as_json:
        print(json.dumps(found))
    else:
        print(same if found["same"] else "\n".join(found["differences"]))
    raise typer.Exit(0 if found["same"] else 1)


def main() -> None:
    """Run the command line; what a user can mend is one line and its remedy, with status 2."""
    # Logs are for whoever looks for a fault: warnings and worse, on stderr, so that stdout stays the answer.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _guarded(app)


def _guarded(command: Callable[[], None]) -> None:
    try:
        command()
    except UserError as error:
        console = Console(stderr=True, highlight=False)
        console.print(f"[red]error:[/] {_plain(error.problem)}; {_plain(error.remedy)}", soft_wrap=True)
        sys.exit(2)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()
