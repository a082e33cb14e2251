"""Which files of a package a piece of code reaches, told from their text: nothing is imported or run.

A module is reached as a whole. A package (a folder) is looked through name by name: ``from course_utils import layers``
with ``layers.conv2d`` reaches the module that defines it and what that one imports, not every layer. Where the use cannot
be told, as in ``getattr(layers, name)``, everything in the package is reached.
"""

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.util import resolve_name
from pathlib import Path

from course_utils.cli.project import files_below


class Code:
    """The modules of packages, and of files that are imported by their bare name.

    Parameters
    ----------
    *folders : Path
        Folders of packages; a folder's name is that of the package.
    scripts : iterable of Path
        Files beside no package.
    """

    def __init__(self, *folders: Path, scripts: Iterable[Path] = ()):
        self.files, self.packages = {path.stem: path for path in scripts}, {folder.name for folder in folders}
        for folder in folders:
            for path in files_below(folder):
                if path.suffix == ".py":
                    *parents, last = path.relative_to(folder.parent).with_suffix("").parts
                    self.files[".".join(parents if last == "__init__" else [*parents, last])] = path
                    self.packages |= {".".join(parents[:depth]) for depth in range(1, len(parents) + 1)}
        for name in ("tree", "uses", "init"):
            setattr(self, name, functools.cache(getattr(self, name)))

    def reached(self, *trees: ast.AST) -> dict[Path, list[ast.stmt]]:
        """Return the files that code reaches, each with the statements that count.

        Parameters
        ----------
        *trees : ast.AST
            The code: a file, or the cells of a notebook, which share their names.

        Returns
        -------
        dict of Path to list of ast.stmt
            All statements of a module; of the ``__init__.py`` of a package that is only passed through, those that do
            something when it is imported.
        """
        search = _Search(self)
        search.follow(self.names(ast.Module(body=list(trees), type_ignores=[])))
        return search.found()

    def tree(self, module: str) -> ast.Module:
        """Return the syntax tree of a module."""
        return ast.parse(self.files[module].read_text(encoding="utf-8"))

    def uses(self, module: str) -> set[str]:
        """Return the dotted names that a module uses."""
        return self.names(self.tree(module), self._package(module))

    def init(self, package: str) -> "_Init":
        """Return what the ``__init__.py`` of a package offers and does."""
        return _Init(self.tree(package).body if package in self.files else [], package)

    def names(self, tree: ast.AST, package: str = "") -> set[str]:
        """Return the dotted names that code uses; ``.*`` after a package means everything in it."""
        bound, used = defaultdict(set), set()
        for node in ast.walk(tree):
            for name, target in _imported(node, package):
                bound[name].add(target)
                used.add(target)
            used |= self._imported_by_text(node)
        for root, rest in _chains(tree):
            for target in bound[root]:
                used.add(target + rest if rest or target not in self.packages else f"{target}.*")
        return used

    def _package(self, module: str) -> str:
        return module if module in self.packages else module.rpartition(".")[0]

    def _imported_by_text(self, node: ast.AST) -> set[str]:
        """Return what ``import_module`` imports: a package with everything in it, or any package if its name is computed."""
        called = getattr(node, "func", None)
        if getattr(called, "attr", getattr(called, "id", "")) not in ("import_module", "__import__"):
            return set()
        names = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        return {f"{name}.*" for name in names or [name for name in self.packages if "." not in name]}


class _Search:
    """One walk from names to the files that they reach."""

    def __init__(self, code: Code):
        self.code, self.seen, self.whole, self.passed = code, set(), set(), set()

    def follow(self, names: set[str]) -> None:
        """Reach what names stand for, and what that uses, until nothing new is found."""
        while names:
            self.seen |= names
            names = {further for name in names for further in self._step(name)} - self.seen

    def found(self) -> dict[Path, list[ast.stmt]]:
        """Return what was reached."""
        counts = {package: self.code.init(package).effects for package in self.passed}
        counts |= {module: self.code.tree(module).body for module in self.whole}
        return {self.code.files[module]: body for module, body in sorted(counts.items()) if body}

    def _step(self, name: str) -> Iterator[str]:
        """Follow one dotted name from package to package; yield the names to follow from there."""
        here, *rest = name.split(".")
        while here in self.code.packages:
            yield from self._pass(here)
            if not rest:
                return
            below, offered = f"{here}.{rest[0]}", self.code.init(here).offers.get(rest[0], set())
            if below not in self.code.files.keys() | self.code.packages:
                yield from self._attribute(here, *rest)
                return
            # A package may offer a function under the name of the module that it comes from.
            yield from (target for target in offered if not f"{target}.".startswith(f"{below}."))
            here, *rest = below, *rest[1:]
        if here in self.code.files:
            yield from self._take(here)

    def _attribute(self, package: str, name: str, *rest: str) -> Iterator[str]:
        """Follow a name that is no module: what ``__init__.py`` imports or defines, or else everything."""
        init = self.code.init(package)
        if name in init.offers:
            yield from (".".join([target, *rest]) for target in init.offers[name])
        elif name in init.own:
            yield from self._take(package)
        else:
            for module in self.code.files:
                if f"{module}.".startswith(f"{package}."):
                    yield from self._take(module)

    def _take(self, module: str) -> set[str]:
        """Reach a whole module; return what it uses."""
        if module not in self.code.files:
            return set()
        self.whole.add(module)
        return self.code.uses(module)

    def _pass(self, package: str) -> set[str]:
        """Pass through a package: what it does on import counts, what it offers to others does not."""
        self.passed.add(package)
        init = self.code.init(package)
        roots = {root for node in init.effects for root, _ in _chains(node)}
        return {f"{package}.{root}" for root in roots & (init.offers.keys() | init.own)}


class _Init:
    """What the ``__init__.py`` of a package offers by which dotted names, defines itself, and does."""

    def __init__(self, body: list[ast.stmt], package: str):
        self.offers, self.own, self.effects = defaultdict(set), set(), []
        for node in body:
            lazily = _lazily_attached(node)
            if lazily is not None:
                for module, names in lazily.items():
                    for name in names:
                        self.offers[name].add(f"{package}.{module}.{name}")
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for name, target in _imported(node, package):
                    self.offers[name].add(target)
            else:
                self.own |= {
                    name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
                }
                self.own |= {node.name} if hasattr(node, "name") else set()
                is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                if not is_definition and any(isinstance(part, ast.Call) for part in ast.walk(node)):
                    self.effects.append(node)


def _lazily_attached(node: ast.stmt) -> dict[str, list[str]] | None:
    """Return names by module if a statement is ``lazy_loader.attach(...)``, whose submodules are found as files anyway."""
    call = getattr(node, "value", None)
    if getattr(getattr(call, "func", None), "attr", None) != "attach":
        return None
    given = [word.value for word in call.keywords if word.arg == "submod_attrs"] or call.args[2:3]
    return ast.literal_eval(given[0]) if given else {}


def _imported(node: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, each with the dotted name that it stands for."""
    if isinstance(node, ast.ImportFrom):
        relative = "." * node.level + (node.module or "")
        origin = resolve_name(relative, package) if node.level else relative
        yield from ((alias.asname or alias.name, f"{origin}.{alias.name}") for alias in node.names)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name, alias.name
            if not alias.asname:
                yield alias.name.partition(".")[0], alias.name.partition(".")[0]


def _chains(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each name that is read, with the dotted attributes after it: ``a``, ``.b.c`` for ``a.b.c``."""
    inner = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name) or node in inner:
            continue
        rest, part = "", node
        while isinstance(part, ast.Attribute):
            rest, part = f".{part.attr}{rest}", part.value
            inner.add(part)
        if isinstance(part, ast.Name) and (rest or isinstance(part.ctx, ast.Load)):
            yield part.id, rest
