"""`conscious-bot capabilities`: the registry from the command line, on the data directory of a bot that is not running.

While a bot runs it holds the registry; then the same is asked over HTTP.
"""

from __future__ import annotations

import getpass
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import ValidationError

from conscious_bot.behavior import CompileError
from conscious_bot.behavior.palette import palette_to_xml
from conscious_bot.behavior.render import tree_as_svg, tree_as_text
from conscious_bot.behavior.xml import XmlError, option_from_xml, option_to_xml
from conscious_bot.contracts import CapabilityAct, CapabilityKind, LeafSpec, OptionDocument, UserError
from conscious_bot.game.tables import Tables
from conscious_bot.leaves.catalogue import default_catalogue
from conscious_bot.registry.code_hash import CodeError, read_tree
from conscious_bot.registry.desk import CapabilityDesk, open_desk
from conscious_bot.registry.envelopes import sign_leaf
from conscious_bot.registry.keyring import TrustedKey, key_of, new_private_key
from conscious_bot.registry.principals import Principal, Role
from conscious_bot.registry.refusal import RegistryRefusal
from conscious_bot.registry.sandbox import Sandbox
from conscious_bot.registry.shadow import Start, run_trials, starts_of
from conscious_bot.registry.shipped import shipped_options

__all__ = ["capabilities_app"]

capabilities_app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Register, look at and move what the bot can do.",
)
keys_app = typer.Typer(no_args_is_help=True, help="The keys that may vouch for leaves.")
capabilities_app.add_typer(keys_app, name="keys")

Data = Annotated[Path, typer.Option(help="Where journals, worlds and the registry are kept.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the history.")]
What = Annotated[str, typer.Argument(help="An option: a file (JSON or XML), or name@1.2.3, name@^1, name.")]
_DATA = Path(".conscious-bot")


def _me(role: Role) -> Principal:
    """Who sits at this machine has every role; the history says which was used."""
    return Principal(getpass.getuser(), role)


def _show(document: object) -> None:
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _asked(data: Path, work: Callable[[CapabilityDesk], Any], sandbox: Sandbox | None = None) -> None:
    """Open the registry, do it, print what came of it as JSON; status 1 for a refusal."""
    with open_desk(data, sandbox=sandbox) as desk:
        try:
            _show(work(desk))
        except RegistryRefusal as refusal:
            findings = [one.wire() for one in refusal.findings]
            error = {**refusal.error.wire(), "findings": findings, "evidence": refusal.evidence}
            _show({"ok": False, "error": error})
            raise typer.Exit(1) from None


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path} ({error})", "give a JSON file") from error


def _option(path: Path) -> Any:
    if path.suffix != ".xml":
        return _read(path)
    try:
        return option_from_xml(path.read_bytes())
    except (OSError, XmlError) as error:
        raise UserError(
            f"cannot read {path} ({error})", "give an option as XML, as `export --xml` prints it"
        ) from error


def _document(what: str, data: Path) -> dict[str, Any]:
    """An option's document, from a file or from the registry."""
    if what.endswith((".json", ".xml")):
        document = _option(Path(what))
        if not isinstance(document, dict):
            raise UserError(f"{what} is no option", "give an option's document")
        return cast("dict[str, Any]", document)
    with open_desk(data) as desk:
        record = desk.registry.resolve(what) or desk.registry.get(what)
    if record is None or record.kind is not CapabilityKind.OPTION or record.spec is None:
        raise UserError(f"there is no option {what!r} with its document", "look with: capabilities list")
    return record.spec


def _spec(path: Path) -> LeafSpec:
    try:
        return LeafSpec.model_validate(_read(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(
            f"{path} is no leaf's contract ({'/'.join(map(str, first['loc']))}: {first['msg']})", "mend it there"
        ) from error


def _tree(path: Path) -> dict[str, bytes]:
    try:
        return read_tree(path)
    except CodeError as error:
        raise UserError(str(error), "give the directory with the leaf's __init__.py") from error


@capabilities_app.command("register")
def register(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The option's document (JSON or XML); for a leaf its contract.")],
    tree: Annotated[Path | None, typer.Option(help="For a leaf: the directory of its code.")] = None,
    envelope: Annotated[Path | None, typer.Option(help="For a leaf: the envelope that `sign` wrote.")] = None,
    data: Data = _DATA,
) -> None:
    """Check an option, try it in the sandbox and take it up in shadow; or register a signed leaf."""
    if tree is None:
        document = _option(file)
        _asked(data, lambda desk: desk.pipeline.register(document, _me(Role.OPERATOR)).wire(), context.obj)
        return
    signed = None if envelope is None else _read(envelope)
    spec = _spec(file)
    _asked(data, lambda desk: {"ok": True, "id": desk.review.register(spec, tree, signed, _me(Role.SIGNER)).id})


@capabilities_app.command("register-shipped")
def register_shipped(context: typer.Context, data: Data = _DATA) -> None:
    """Register every option that comes with the package, each like any other; those registered already stay."""

    def work(desk: CapabilityDesk) -> dict[str, Any]:
        registered: list[str] = []
        kept: list[str] = []
        for name, text in shipped_options().items():
            document = json.loads(text)
            capability = OptionDocument.model_validate(document).capability
            if desk.registry.get(capability) is not None:
                kept.append(capability)
                continue
            typer.echo(f"trying {name}", err=True)
            registered.append(desk.pipeline.register(document, _me(Role.OPERATOR)).id)
        return {"ok": True, "registered": registered, "kept": kept}

    _asked(data, work, context.obj)


@capabilities_app.command("list")
def list_(data: Data = _DATA) -> None:
    """Every capability with its status."""
    _asked(data, lambda desk: [{"id": one.id, "kind": one.kind, "status": one.status} for one in desk.registry])


@capabilities_app.command("show")
def show(
    capability: Annotated[str, typer.Argument(help="name@1.2.3, name@^1, name@~1.2 or name.")], data: Data = _DATA
) -> None:
    """One capability: its record, its history, its figures, and what the gate says of it."""

    def work(desk: CapabilityDesk) -> dict[str, Any]:
        record = desk.registry.resolve(capability) or desk.registry.require(capability)
        decision = desk.governor.judge(record.id)
        return {
            "record": record.wire(),
            "history": [change.wire() for change in desk.registry.history(record.id)],
            "health": desk.registry.health(record.id).wire(),
            "gate": {"verdict": decision.verdict, "gate": decision.gate, "figure": decision.detail},
        }

    _asked(data, work)


@capabilities_app.command("export")
def export(
    what: What,
    xml: Annotated[bool, typer.Option("--xml", help="As BehaviorTree.CPP v4 XML, which Groot2 opens.")] = False,
    data: Data = _DATA,
) -> None:
    """Print an option's document as JSON or XML; `register` takes both. Nothing is judged or changed."""
    document = _document(what, data)
    try:
        text = option_to_xml(document) if xml else json.dumps(document, indent=2, ensure_ascii=False)
    except XmlError as error:
        raise UserError(f"{what} cannot be written as XML ({error})", "mend it there") from error
    typer.echo(text.rstrip())


@capabilities_app.command("palette")
def palette(data: Data = _DATA) -> None:
    """Print every node that an option may be made of as the TreeNodesModel that Groot2 loads for its palette."""
    with open_desk(data) as desk:
        typer.echo(palette_to_xml(desk.pipeline.leaves()).rstrip())


@capabilities_app.command("draw")
def draw(
    what: What,
    svg: Annotated[bool, typer.Option("--svg", help="As a picture instead of text.")] = False,
    data: Data = _DATA,
) -> None:
    """Draw an option's tree: a line or a box for every node."""
    tree = _document(what, data).get("tree")
    try:
        typer.echo((tree_as_svg(tree) if svg else tree_as_text(tree)).rstrip())
    except CompileError as error:
        raise UserError(f"the tree of {what} cannot be drawn ({error})", "mend it there") from error


@capabilities_app.command("shadow")
def shadow(capability: str, data: Data = _DATA) -> None:
    """Run an option in shadow until the evidence decides: in its tests' worlds under other chances, beside the
    version in use where there is one. What was seen is kept; asked again it goes on."""

    def work(desk: CapabilityDesk) -> dict[str, Any]:
        record = desk.registry.require(capability)
        option = desk.pipeline.compiled(capability)
        used = desk.registry.resolve(record.name)
        incumbent = None if used is None or used == record else desk.pipeline.compiled(used.id)
        leaves = {*option.leaves, *(() if incumbent is None else incumbent.leaves)}
        catalogue = default_catalogue()
        catalogue = catalogue.with_leaves(
            desk.review.load(leaf) for leaf in sorted(leaves) if catalogue.get(leaf) is None
        )
        starts = itertools.islice(
            starts_of(option.document, Tables.builtin(), itertools.count()), desk.governor.rule.max_runs
        )
        change = run_trials(desk.governor, option, incumbent, _told(starts), catalogue)
        decision = desk.governor.judge(capability)
        return {
            "ok": True,
            "change": None if change is None else change.wire(),
            "health": desk.registry.health(capability).wire(),
            "gate": {"verdict": decision.verdict, "gate": decision.gate, "figure": decision.detail},
        }

    _asked(data, work)


def _told(starts: Iterator[Start]) -> Iterator[Start]:
    for number, start in enumerate(starts, 1):
        typer.echo(f"run {number}: {start.name}", err=True)
        yield start


@capabilities_app.command("promote")
def promote(capability: str, data: Data = _DATA) -> None:
    """Make an option active if every gate is open."""
    _asked(data, lambda desk: desk.governor.promote(capability, _me(Role.OPERATOR)).wire())


@capabilities_app.command("retire")
def retire(capability: str, reason: Why = "asked for on the command line", data: Data = _DATA) -> None:
    """End the life of a capability that is no longer wanted."""
    _asked(data, lambda desk: desk.governor.end(capability, CapabilityAct.RETIRE, _me(Role.OPERATOR), reason).wire())


@capabilities_app.command("revoke")
def revoke(capability: str, reason: Why = "asked for on the command line", data: Data = _DATA) -> None:
    """Forbid a capability for good."""
    _asked(data, lambda desk: desk.governor.end(capability, CapabilityAct.REVOKE, _me(Role.OPERATOR), reason).wire())


@capabilities_app.command("sign")
def sign(
    spec: Annotated[Path, typer.Argument(help="The leaf's contract, as JSON.")],
    tree: Annotated[Path, typer.Argument(help="The directory of its code.")],
    key: Annotated[Path, typer.Option(help="Your private key, as `keys new` wrote it.")],
) -> None:
    """Vouch for a leaf: print the envelope over its contract and code. Nothing is registered."""
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"cannot read the key {key} ({error})", "make one with: capabilities keys new") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UserError(f"{key} is no Ed25519 key", "make one with: capabilities keys new")
    _show(sign_leaf(_spec(spec), _tree(tree), private, datetime.now(UTC)))


@keys_app.command("new")
def keys_new(
    file: Annotated[Path, typer.Argument(help="Where the private key is written; keep it to yourself.")],
    owner: Annotated[str, typer.Option(help="Whose key it is.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 365,
    replaces: Annotated[str | None, typer.Option(help="The id of the key it takes over from.")] = None,
) -> None:
    """Make a key pair: the private half into a file, the public half onto the screen, for `keys add`."""
    if file.exists():
        raise UserError(f"{file} exists", "choose another name; a key is never overwritten")
    private, now = new_private_key(), datetime.now(UTC)
    file.touch(mode=0o600)
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _show(key_of(private, owner, not_before=now, expires=now + timedelta(days=days), replaces=replaces).wire())


@keys_app.command("add")
def keys_add(file: Annotated[Path, typer.Argument(help="The public half.")], data: Data = _DATA) -> None:
    """Trust a key."""
    try:
        key = TrustedKey.model_validate(_read(file))
    except ValidationError as error:
        raise UserError(
            f"{file} is no public key ({error.errors()[0]['msg']})", "give what `keys new` printed"
        ) from error

    def work(desk: CapabilityDesk) -> dict[str, object]:
        desk.review.trust(key, _me(Role.SIGNER))
        return key.wire()

    _asked(data, work)


@keys_app.command("list")
def keys_list(data: Data = _DATA) -> None:
    """Every key that is or was trusted."""
    _asked(data, lambda desk: [key.wire() for key in desk.review.ring])


@keys_app.command("revoke")
def keys_revoke(key: str, reason: Why = "asked for on the command line", data: Data = _DATA) -> None:
    """Take the trust in a key back, for what it has signed as well."""
    _asked(data, lambda desk: desk.review.revoke_key(key, _me(Role.SIGNER), reason).wire())
