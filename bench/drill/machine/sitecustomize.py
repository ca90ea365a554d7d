"""Read by every Python that starts on the drill's machines: the clock by which the work is done may be moved forward.

Prefect, PostgreSQL and the mail's conversations go on in real time; what a run of ours takes for the present is the
office's time (bench/drill/office_time.py). Without the variable that names its file nothing is changed.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_FLOWS = "workflows.jobs.prefect.flows"


class _Flows(MetaPathFinder):
    """Lets the flows, once they are loaded, read the office's time."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _FLOWS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def load_and_move(module: ModuleType) -> None:
            from bench.drill.office_time import OfficeTime

            load(module)
            module.datetime = OfficeTime  # type: ignore[attr-defined]

        spec.loader.exec_module = load_and_move  # type: ignore[method-assign]
        return spec


if "PYTHON_DRILL_TIME" in os.environ:
    sys.meta_path.insert(0, _Flows())
