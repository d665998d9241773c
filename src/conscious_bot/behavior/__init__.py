"""Behaviour trees as data: grammar, predicates, compiler and the tick machine. No input or output, no clock."""

from conscious_bot.behavior.compiler import CompileError, compile_tree, single_leaf_program
from conscious_bot.behavior.leaf_index import LeafIndex
from conscious_bot.behavior.linter import LintReport, lint_option
from conscious_bot.behavior.machine import GUARD_PASSES, IDLE_PASSES, ArgumentsError, Machine, MachineError
from conscious_bot.behavior.options import CompiledOption, compile_option, document_hash, option_schema
from conscious_bot.behavior.predicates import Predicate, PredicateError, SensorCall, parse_predicate
from conscious_bot.behavior.program import Kind, Program
from conscious_bot.behavior.sensors import SENSORS, SensorSpec
from conscious_bot.behavior.ticks import (
    Completion,
    Halted,
    HaltLeaf,
    Reading,
    StartLeaf,
    Status,
    Tick,
    Transition,
)

__all__ = [
    "GUARD_PASSES",
    "IDLE_PASSES",
    "SENSORS",
    "ArgumentsError",
    "CompileError",
    "CompiledOption",
    "Completion",
    "HaltLeaf",
    "Halted",
    "Kind",
    "LeafIndex",
    "LintReport",
    "Machine",
    "MachineError",
    "Predicate",
    "PredicateError",
    "Program",
    "Reading",
    "SensorCall",
    "SensorSpec",
    "StartLeaf",
    "Status",
    "Tick",
    "Transition",
    "compile_option",
    "compile_tree",
    "document_hash",
    "lint_option",
    "option_schema",
    "parse_predicate",
    "single_leaf_program",
]
