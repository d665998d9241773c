"""One tree on one body: the asynchronous driver of the tick machine."""

from conscious_bot.runtime.driver import LeafCall, LeafRun, RunLeaf, Sense, TickRecord, TreeResult, TreeRun, run_tree

__all__ = ["LeafCall", "LeafRun", "RunLeaf", "Sense", "TickRecord", "TreeResult", "TreeRun", "run_tree"]
