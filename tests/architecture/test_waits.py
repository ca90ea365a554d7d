"""No thread waits without an end: pages share forty threads, and a job must see that it is to stop."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.product import PRODUCT, ROOT

WITHOUT_END = {
    "notifications/connection_deadlines.py: self._changed.wait_for": "its own thread, with nothing to do until then",
    "workflows/signatures/kept_checks.py: future.result": "it is done",
    "workflows/jobs/prefect/prefect_watch.py: self._thread.join": "the program's end; a look at Prefect has a time-out",
    "workflows/jobs/prefect/worker.py: working.result": "it is done",
    "workflows/jobs/schedule.py: self._watch.join": "the program's end; it looks every second",
    "workflows/operations/backups/dumps.py: subprocess.run": "a backup's own process; a dump takes what it takes",
    "commands/many_machines.py: stop.wait": "the main thread of a program that runs until it is told to stop",
}
"""Waits without a time-out, each with the reason why it ends all the same, or why nobody waits for it."""
SHORT = {
    "notifications/connection_deadlines.py: with self._changed": "a set of what is under way; a cut may not wait",
    "workflows/delivery/deliver.py: with self._lock": "a look at what may leave, and half a minute for the quota",
    "workflows/delivery/mail_lines.py: with self._lock": "a list of lines",
    "workflows/bounded_process/turns.py: with self._changed": "lists of people; the waiting itself has a time-out",
    "workflows/signatures/kept_checks.py: with self._lock": "a dictionary",
    "workflows/jobs/prefect/hand_to_workers.py: with self._lock": "one word",
    "workflows/jobs/prefect/prefect_remote.py: with self._lock": "one word",
    "workflows/jobs/prefect/prefect_watch.py: with self._lock": "a look at Prefect, which has a time-out",
    "workflows/rules/password_policy.py: with _ONE_AT_A_TIME": "a guess at some tens of characters, milliseconds",
    "web/request/rate_limit.py: with self._lock": "a dictionary",
}
"""Locks, each with what is done under it: nothing that waits for a person, a file or another machine without an end."""
_WAITS = {"acquire", "communicate", "join", "result", "wait"}
_CALLS = {"run", "call", "check_call", "check_output", "urlopen", "get", "post", "put", "request"}
_CLIENTS = {"subprocess", "requests", "httpx"}
_LOCKS = {"Barrier", "BoundedSemaphore", "Condition", "Lock", "RLock", "Semaphore"}
_QUEUES = {"LifoQueue", "PriorityQueue", "Queue", "SimpleQueue"}


def endless(text: str) -> Iterator[str]:
    """Yield, as it is written, each call that may wait for ever, and each lock that is entered."""
    nodes = list(ast.walk(ast.parse(text)))
    locks, queues = set(_named(nodes, _LOCKS)), set(_named(nodes, _QUEUES))
    for node in nodes:
        if isinstance(node, ast.With):
            yield from (f"with {name}" for one in node.items if (name := ast.unparse(one.context_expr)) in locks)
        elif isinstance(node, ast.Call):
            timed = any(one.arg in ("timeout", "blocking") for one in node.keywords)
            owner, _point, name = ast.unparse(node.func).rpartition(".")
            waits = owner and (name in _WAITS or (name == "get" and owner in queues)) and not node.args
            waits = waits or (owner and name == "wait_for" and len(node.args) < 2)
            calls = (owner in _CLIENTS and name in _CALLS) or (not owner and name == "urlopen")
            if (waits or calls) and not timed:
                yield ast.unparse(node.func)


def _named(nodes: list[ast.AST], kinds: set[str]) -> Iterator[str]:
    """Yield the names under which a file keeps things of some kinds, also several from one line."""
    for node in nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for name, value in pairs:
                if isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in kinds:
                    yield ast.unparse(name)


def _sources() -> Iterator[Path]:
    for top in PRODUCT:
        yield from (ROOT / top).rglob("*.py") if (ROOT / top).is_dir() else [ROOT / top]


def test_no_wait_is_without_an_end() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {call}"
        for path in _sources()
        for call in endless(path.read_text(encoding="utf-8"))
    }
    assert found - WITHOUT_END.keys() - SHORT.keys() == set(), "give it a time-out, or say here why it ends"
    assert (WITHOUT_END | SHORT).keys() - found == set(), "no longer there"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gate = BoundedSemaphore(2)\nwith gate:\n    pass", ["with gate"]),
        ("self.a, self.b = threading.Lock(), 1\nwith self.a:\n    pass", ["with self.a"]),
        ("gate.acquire()", ["gate.acquire"]),
        ("gate.acquire(timeout=3)\ngate.acquire(blocking=False)", []),
        ("thread.join()\n', '.join(words)", ["thread.join"]),
        ("changed.wait_for(done)\nchanged.wait_for(done, 3)", ["changed.wait_for"]),
        ("answers = queue.Queue()\nanswers.get()\nwords.get()", ["answers.get"]),
        ("subprocess.run(['a'])\nsubprocess.run(['a'], timeout=3)", ["subprocess.run"]),
        ("urlopen(url)\nrequests.get(url)", ["urlopen", "requests.get"]),
    ],
)
def test_an_endless_wait_is_found(text: str, found: list[str]) -> None:
    assert sorted(endless(text)) == sorted(found)
