"""The leaves that exist, by name and version, with their schemas compiled once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conscious_bot.contracts import ConsciousBotError, LeafSpec
from conscious_bot.leaves.acquire import AcquireMaterial
from conscious_bot.leaves.combat import AttackEntity, EquipWeapon
from conscious_bot.leaves.construction import BuildModule, PlaceFeature, PrepareSite
from conscious_bot.leaves.containers import CloseContainer, ManageInventory, OpenContainer, Toss, TransferItems
from conscious_bot.leaves.contract import Leaf
from conscious_bot.leaves.crafting import CraftRecipe
from conscious_bot.leaves.escape import EmergencyRetreat, EmergencySurface, Flee, FollowEntity, RetreatFromThreat
from conscious_bot.leaves.farming import HarvestCrop, ManageFarm, PlantCrop, TillSoil
from conscious_bot.leaves.food import ConsumeFood
from conscious_bot.leaves.interaction import CollectItems, DigBlock, PlaceBlock
from conscious_bot.leaves.inventory import EquipTool
from conscious_bot.leaves.movement import MoveTo, Respawn, SterlingNavigate
from conscious_bot.leaves.pillar import PillarUp
from conscious_bot.leaves.safe_steps import StepForwardSafely
from conscious_bot.leaves.schemas import CompiledSchema
from conscious_bot.leaves.sensing import (
    Chat,
    FindResource,
    GetBlockAt,
    GetLightLevel,
    IntrospectRecipe,
    SenseHostiles,
    Wait,
)
from conscious_bot.leaves.shelter import RetreatAndBlock
from conscious_bot.leaves.smelting import Smelt
from conscious_bot.leaves.torches import PlaceTorch, PlaceTorchIfNeeded
from conscious_bot.leaves.using import InteractWithBlock, Sleep, UseItem, Wake
from conscious_bot.leaves.workstation import PlaceWorkstation

__all__ = ["CatalogueError", "LeafCatalogue", "RegisteredLeaf", "default_catalogue"]


class CatalogueError(ConsciousBotError):
    """A leaf that cannot be registered. `code` is the wire spelling: version_exists or bad_spec."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True, slots=True)
class RegisteredLeaf:
    """A leaf with its compiled schemas."""

    leaf: Leaf
    spec: LeafSpec
    inputs: CompiledSchema
    output: CompiledSchema | None
    postconditions: CompiledSchema | None


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


class LeafCatalogue:
    """Leaves by name and version. A version, once registered, never changes."""

    def __init__(self) -> None:
        self._by_name: dict[str, dict[str, RegisteredLeaf]] = {}

    def register(self, leaf: Leaf) -> str:
        """Add a leaf and return its id. CatalogueError `version_exists`, or `bad_spec` for a broken schema."""
        spec = leaf.spec
        versions = self._by_name.setdefault(spec.name, {})
        if spec.version in versions:
            raise CatalogueError("version_exists", f"{spec.id} is registered already; versions never change")

        def compiled(part: str, schema: dict[str, object] | None) -> CompiledSchema | None:
            try:
                return None if schema is None else CompiledSchema(schema)
            except ValueError as error:
                raise CatalogueError("bad_spec", f"{part} of {spec.id}: {error}") from error

        inputs = compiled("inputSchema", spec.input_schema)
        assert inputs is not None  # noqa: S101 - for the type checker: an input schema is never None
        versions[spec.version] = RegisteredLeaf(
            leaf,
            spec,
            inputs,
            compiled("outputSchema", spec.output_schema),
            compiled("postconditions", spec.postconditions),
        )
        return spec.id

    def withdraw(self, leaf: str) -> None:
        """Take `name@version` out, if it is there."""
        name, _, version = leaf.partition("@")
        self._by_name.get(name, {}).pop(version, None)

    def with_leaves(self, leaves: Iterable[Leaf]) -> LeafCatalogue:
        """Another catalogue with these leaves as well. Raises as `register` does."""
        catalogue = LeafCatalogue()
        catalogue._by_name = {name: dict(versions) for name, versions in self._by_name.items()}
        for leaf in leaves:
            catalogue.register(leaf)
        return catalogue

    def get(self, name: str, version: str | None = None) -> RegisteredLeaf | None:
        """The leaf of this name (`name` or `name@version`), the newest version unless one is asked for."""
        if version is None and "@" in name:
            name, _, version = name.partition("@")
        versions = self._by_name.get(name)
        if not versions:
            return None
        return versions.get(version if version is not None else max(versions, key=_order))

    def specs(self) -> tuple[LeafSpec, ...]:
        """Every spec, sorted by name and version."""
        return tuple(
            versions[version].spec
            for _, versions in sorted(self._by_name.items())
            for version in sorted(versions, key=_order)
        )


def default_catalogue() -> LeafCatalogue:
    """The shipped leaves."""
    catalogue = LeafCatalogue()
    for leaf in (
        AcquireMaterial(),
        AttackEntity(),
        BuildModule(),
        Chat(),
        CloseContainer(),
        CollectItems(),
        ConsumeFood(),
        CraftRecipe(),
        DigBlock(),
        EmergencyRetreat(),
        EmergencySurface(),
        EquipTool(),
        EquipWeapon(),
        FindResource(),
        Flee(),
        FollowEntity(),
        GetBlockAt(),
        GetLightLevel(),
        HarvestCrop(),
        InteractWithBlock(),
        IntrospectRecipe(),
        ManageFarm(),
        ManageInventory(),
        MoveTo(),
        OpenContainer(),
        PillarUp(),
        PlaceBlock(),
        PlaceTorch(),
        PlaceTorchIfNeeded(),
        PlaceWorkstation(),
        PlantCrop(),
        PlaceFeature(),
        PrepareSite(),
        Respawn(),
        RetreatAndBlock(),
        RetreatFromThreat(),
        SenseHostiles(),
        Sleep(),
        Smelt(),
        StepForwardSafely(),
        SterlingNavigate(),
        TillSoil(),
        Toss(),
        TransferItems(),
        UseItem(),
        Wait(),
        Wake(),
    ):
        catalogue.register(leaf)
    return catalogue
