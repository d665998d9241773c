"""The leaves that a tree may use now: the shipped ones, and those from outside that a trusted key vouches for.

It is asked anew each time. A leaf that was revoked, one whose key is trusted no longer and one whose code was
altered are gone at once, from the linter, the sandbox and whoever runs options.
"""

from __future__ import annotations

from collections.abc import Iterable

from conscious_bot.behavior import LeafIndex
from conscious_bot.contracts import CapabilityKind, CapabilityStatus, LeafSpec, RegistryRecord, StatusChange
from conscious_bot.leaves.catalogue import LeafCatalogue
from conscious_bot.registry.capabilities import CapabilityRegistry
from conscious_bot.registry.leaf_code import LeafCode
from conscious_bot.registry.review import LeafReview

__all__ = ["KnownLeaves"]


class KnownLeaves:
    """Contracts and code of the leaves that there are."""

    def __init__(self, registry: CapabilityRegistry, review: LeafReview, shipped: LeafCatalogue) -> None:
        self._review = review
        self._shipped = shipped
        self._records: dict[str, RegistryRecord] = {}
        for record in registry:
            self._keep(record)
        registry.subscribe(self._keep)
        self._index = LeafIndex(shipped.specs())
        self._of: tuple[str, ...] = ()

    def _keep(self, record: RegistryRecord, _change: StatusChange | None = None) -> None:
        if record.kind is not CapabilityKind.LEAF:
            return
        if record.status is CapabilityStatus.ACTIVE:
            self._records[record.id] = record
        else:
            self._records.pop(record.id, None)

    def index(self) -> LeafIndex:
        """Their contracts, for the linter and the compiler."""
        vouched = {key: record for key, record in self._records.items() if self._review.vouches_for(record)}
        if self._of != tuple(vouched):
            outside = [LeafSpec.model_validate(record.spec) for record in vouched.values()]
            self._index, self._of = LeafIndex((*self._shipped.specs(), *outside)), tuple(vouched)
        return self._index

    def code_of(self, leaves: Iterable[str]) -> tuple[LeafCode, ...]:
        """The code of those of these leaves that are from outside. Raises `RegistryRefusal` for one of no trust."""
        return tuple(self._review.code_of(leaf) for leaf in leaves if leaf in self._records)
