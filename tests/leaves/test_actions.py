"""The action contract registry: every way to say an action ends in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscious_bot.contracts import ActionFailed, ExecErrorCode
from conscious_bot.leaves.actions import ACTION_CONTRACTS, ActionContracts
from conscious_bot.leaves.catalogue import default_catalogue

SPECS = {spec.name: spec for spec in default_catalogue().specs()}
CONTRACTS = ActionContracts(SPECS.values())
VALUES = st.one_of(st.none(), st.integers(-5, 5), st.sampled_from(["dirt", "oak_log"]), st.booleans())


@pytest.mark.requirement("LEAF-16", "SCN-10")
@pytest.mark.parametrize(
    ("kind", "parameters", "leaf", "args"),
    [
        ("craft", {"item": "stick", "quantity": 4}, "craft_recipe", {"recipe": "stick", "qty": 4}),
        ("craft_item", {"item": "stick"}, "craft_recipe", {"recipe": "stick", "qty": 1}),
        ("smelt", {"item": "raw_iron", "quantity": 3, "fuel": None}, "smelt", {"input": "raw_iron", "qty": 3}),
        ("smelt_item", {"input": "sand", "item": "raw_iron"}, "smelt", {"input": "sand", "qty": 1}),
        (
            "place_block",
            {"block_type": "dirt", "x": 1, "y": 2, "z": 3},
            "place_block",
            {"item": "dirt", "pos": [1, 2, 3]},
        ),
        ("navigate", {"target": {"x": 1, "y": 2, "z": 3}}, "move_to", {"pos": {"x": 1, "y": 2, "z": 3}}),
        ("collect_items_enhanced", {"itemName": "dirt", "exploreOnFail": True}, "collect_items", {"item": "dirt"}),
        ("mine", {"resource": "oak_log", "amount": 2}, "acquire_material", {"item": "oak_log", "count": 2}),
        ("hunt", {"entityType": "cow"}, "attack_entity", {"kind": "cow", "targetFilter": "passive"}),
        ("get_block_at", {"x": 0, "y": 1, "z": 2, "pos": [9, 9, 9]}, "get_block_at", {"pos": [9, 9, 9]}),
        ("emergency_retreat", {}, "emergency_retreat", {}),
    ],
)
def test_an_action_is_put_into_the_words_of_its_leaf(kind, parameters, leaf, args) -> None:
    action = CONTRACTS.normalise(kind, parameters)
    assert (action.leaf, action.args) == (leaf, args)


@pytest.mark.requirement("LEAF-16")
@pytest.mark.parametrize(
    ("kind", "parameters", "code", "word"),
    [
        ("smelt", {"input": None}, ExecErrorCode.STEP_BAD_ARGS, "input"),
        ("place_block", {"item": "dirt"}, ExecErrorCode.STEP_BAD_ARGS, "pos or against"),
        ("place_block", {"item": "dirt", "pos": [0, 0, 0], "pattern": "wall"}, ExecErrorCode.STEP_BAD_ARGS, "/pattern"),
        ("dance", {}, ExecErrorCode.UNKNOWN_VERB, "dance"),
    ],
)
def test_what_is_missing_or_cannot_be_asked_for_is_refused(kind, parameters, code, word) -> None:
    with pytest.raises(ActionFailed) as refused:
        CONTRACTS.normalise(kind, parameters)
    assert refused.value.code is code
    assert word in str(refused.value)


@pytest.mark.requirement("LEAF-16", "SCN-10")
def test_every_type_leads_to_a_leaf_and_every_key_it_makes_is_one_of_the_leafs() -> None:
    for kind, contract in ACTION_CONTRACTS.items():
        properties = SPECS[contract.leaf].input_schema["properties"]
        for key in (*contract.aliases.values(), *contract.packed, *contract.defaults):
            assert key in properties, (kind, key)
        for key in (*contract.aliases, *contract.stripped, *contract.refused):
            assert key not in properties, (kind, key)
    assert set(SPECS) <= set(CONTRACTS.types)


@pytest.mark.requirement("LEAF-16")
@given(data=st.data(), kind=st.sampled_from(CONTRACTS.types))
def test_normalising_twice_is_normalising_once(data, kind) -> None:
    contract = CONTRACTS.get(kind)
    keys = sorted(
        {*contract.aliases, *contract.aliases.values(), *contract.stripped, *contract.defaults, "x", "y", "z"}
        | {n for need in contract.required for n in ([need] if isinstance(need, str) else need)}
    )
    parameters = data.draw(st.dictionaries(st.sampled_from(keys), VALUES))
    try:
        once = CONTRACTS.normalise(kind, parameters)
    except ActionFailed:
        return
    again = CONTRACTS.normalise(once.leaf, once.args)
    assert (again.leaf, again.args) == (once.leaf, once.args)
    assert None not in once.args.values()
