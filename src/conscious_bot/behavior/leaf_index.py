"""The contracts of the leaves a tree may use, with their input schemas compiled once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema_rs

from conscious_bot.behavior.compiler import references_in
from conscious_bot.contracts import LeafSpec, Permission

__all__ = ["LeafIndex", "may_need"]


def may_need(spec: LeafSpec, args: Mapping[str, Any]) -> frozenset[Permission]:
    """What a leaf of a tree may come to need. Of an argument that its caller gives, every value is reckoned with."""
    inputs: Mapping[str, Any] = spec.input_schema.get("properties", {})
    defaults = {name: inputs[name]["default"] for name in spec.argument_permissions if "default" in inputs[name]}
    needed = spec.permissions_for({**defaults, **args})
    callers = (by for name, by in spec.argument_permissions.items() if references_in(args.get(name)))
    return needed.union(*(permissions for by_value in callers for permissions in by_value.values()))


class LeafIndex:
    """Leaves by name; of several versions the newest counts. Raises ValueError for a broken input schema."""

    def __init__(self, specs: Iterable[LeafSpec]) -> None:
        self._specs: dict[str, LeafSpec] = {}
        self._versions: dict[str, LeafSpec] = {}
        for spec in specs:
            self._versions[spec.id] = spec
            known = self._specs.get(spec.name)
            if known is None or _order(known) < _order(spec):
                self._specs[spec.name] = spec
        self._validators = {
            name: jsonschema_rs.Draft202012Validator(spec.input_schema) for name, spec in self._specs.items()
        }

    def __iter__(self) -> Iterator[LeafSpec]:
        return iter(self._specs.values())

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, sorted."""
        return tuple(sorted(self._specs))

    def get(self, name: str) -> LeafSpec | None:
        """The leaf of this name."""
        return self._specs.get(name)

    def exactly(self, leaves: Iterable[str]) -> LeafIndex:
        """The index of these versions alone; where one is not known, of the newest with its name."""
        found = (self._versions.get(one) or self._specs.get(one.partition("@")[0]) for one in leaves)
        return LeafIndex(spec for spec in found if spec is not None)

    def misfits(self, name: str, args: Mapping[str, Any]) -> Iterator[tuple[list[str | int], str]]:
        """Where and why the arguments do not fit a known leaf's input schema."""
        for error in self._validators[name].iter_errors(dict(args)):
            yield error.instance_path, error.message


def _order(spec: LeafSpec) -> tuple[int, ...]:
    return tuple(int(part) for part in spec.version.split("."))
