"""How the code is laid out: the limits that a guard holds, and measures that it only prints.

    python -m tests.guards.layout        prints the measures of the checkout

The measures (how much stands on a line, how long names are) say whether the code becomes easier to read.
Nobody is held to a number of them: a number that is a goal is reached by padding.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_FUNCTION = 60
LONGEST_TEMPLATE_LINE = 200
NINE_TENTHS_OF_TEMPLATE_LINES = 120

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SHORTHANDS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.NamedExpr)
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Measures:
    """What a reader meets, over all code without tests, migrations and benchmarks."""

    code_lines: int
    nodes_per_line: float
    shorthands_per_100_lines: float
    function_name_length: float
    public_functions_with_docstring: float
    longest_function: int
    template_line_nine_tenths: int
    template_line_longest: int
    formatting_switched_off: int

    def lines(self) -> list[str]:
        return [
            f"code lines                                        {self.code_lines:,}",
            f"AST nodes per code line                           {self.nodes_per_line:.2f}",
            f"comprehensions, ternaries, walruses per 100 lines {self.shorthands_per_100_lines:.2f}",
            f"mean length of function names                     {self.function_name_length:.1f}",
            f"public functions with a docstring                 {self.public_functions_with_docstring:.0%}",
            f"longest function, lines                           {self.longest_function}",
            f"template lines, 90th percentile and longest       "
            f"{self.template_line_nine_tenths}, {self.template_line_longest}",
            f"# fmt: skip                                       {self.formatting_switched_off}",
        ]


def production_files() -> list[Path]:
    """The Python files of the portal and its programmes, without migrations."""
    programmes = [path.parent for path in ROOT.glob("*/apps.py")]
    folders = sorted({ROOT / "portal", *programmes})
    files = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    return [path for path in files if "migrations" not in path.parts]


def template_files() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def functions_of(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length_of(function: Function) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def code_lines(source: str, tree: ast.AST) -> set[int]:
    """Numbers of the lines that hold code: not blank, no comment, no docstring."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for docstring in _docstrings(tree):
        lines -= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return lines


def _docstrings(tree: ast.AST) -> Iterator[ast.Expr]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            assert isinstance(docstring, ast.Expr)
            yield docstring


def crowded_contexts(tree: ast.AST) -> list[int]:
    """Lines on which a page's context holds several keys: a context is read, and changed, key by key."""
    crowded = []
    for context in _contexts(tree):
        lines = [key.lineno for key in context.keys if key is not None]
        crowded += sorted({line for line in lines if lines.count(line) > 1})
    return crowded


def _contexts(tree: ast.AST) -> Iterator[ast.Dict]:
    for node in ast.walk(tree):
        candidates: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & {"context"}:
                candidates = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "render":
            candidates = node.args[2:3]
        for candidate in candidates:
            parts = [candidate.left, candidate.right] if isinstance(candidate, ast.BinOp) else [candidate]
            yield from (part for part in parts if isinstance(part, ast.Dict))


def misused_switches(source: str, tree: ast.Module) -> list[int]:
    """Lines with `# fmt: skip` that do not end a table of data: a constant of a module or class."""
    tables = set()
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for body in (tree.body, *(node.body for node in classes)):
        tables |= {node.end_lineno for node in body if isinstance(node, ast.Assign | ast.AnnAssign)}
    switched = [
        number for number, line in enumerate(source.splitlines(), 1) if re.search(r"# fmt: ?\w+", line)
    ]
    return [number for number in switched if number not in tables]


def measures() -> Measures:
    nodes = shorthands = lines = switches = 0
    names: list[int] = []
    longest = 0
    described: list[bool] = []
    for path in production_files():
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        lines += len(code_lines(source, tree))
        switches += len(re.findall(r"# fmt: skip", source))
        for node in ast.walk(tree):
            nodes += 1
            shorthands += isinstance(node, _SHORTHANDS)
        for function in functions_of(tree):
            longest = max(longest, length_of(function))
            names.append(len(function.name))
            if not function.name.startswith("_"):
                described.append(ast.get_docstring(function) is not None)
    widths = template_widths()
    return Measures(
        code_lines=lines,
        nodes_per_line=nodes / lines,
        shorthands_per_100_lines=100 * shorthands / lines,
        function_name_length=mean(names),
        public_functions_with_docstring=mean(described),
        longest_function=longest,
        template_line_nine_tenths=nine_tenths(widths),
        template_line_longest=max(widths),
        formatting_switched_off=switches,
    )


def template_widths() -> list[int]:
    texts = (path.read_text(encoding="utf-8") for path in template_files())
    return [len(line) for text in texts for line in text.splitlines()]


def nine_tenths(widths: list[int]) -> int:
    """The width that nine lines of ten do not exceed."""
    return round(quantiles(widths, n=10)[-1])


if __name__ == "__main__":
    print("\n".join(measures().lines()))
