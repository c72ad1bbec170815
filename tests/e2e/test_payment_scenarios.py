"""Section 10 of the payment contract names 38 faults; each is one acceptance test by that name, in the files beside."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
NAME = re.compile(r"test_(F\d\d)_")


def test_each_scenario_of_the_contract_page_has_one_test_by_its_name_that_says_so() -> None:
    functions = [
        node
        for path in sorted(HERE.glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and NAME.match(node.name)
    ]
    named = Counter(NAME.findall(function.name)[0] for function in functions)
    assert named == {f"F{number:02}": 1 for number in range(1, 39)}
    silent = [f.name for f in functions if NAME.findall(f.name)[0] not in (ast.get_docstring(f) or "")]
    assert silent == []
