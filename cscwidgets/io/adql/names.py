"""Names: every table and column a query speaks of, found among those there are.

Walks the query as SQL scopes do (sub-queries see the sources around them, a WITH table hides a stored
one) and, on the way, finds out what each output column is, so that results carry units and UCDs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from .refusals import did_you_mean, refusal
from .relations import Field, Relation

__all__ = ["resolve"]

# DuckDB puts the text of a WITH table wherever it is used, and plans the whole before it looks at the time.
_MOST_REFERENCES = 150
_COLUMNS_OF_A_REFERENCE = 50  # so many columns of a WITH table take as long as a table
_MOST_COLUMNS = 4_000

_AGGREGATES_KEEPING_UNITS = {"AVG", "MAX", "MIN", "SUM", "ABS", "ROUND", "CEILING", "FLOOR", "TRUNCATE"}


@dataclass
class _Source:
    """One table of a FROM clause: its output columns, by lower-case name, its full name if stored, its weight."""

    columns: dict[str, Field]
    stored: str = ""
    references: int = 1


@dataclass
class _Frame:
    """The sources of one SELECT, by lower-case alias; columns joined by USING count once."""

    sources: dict[str, _Source] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)


def resolve(tree: exp.Expr, relations: Mapping[str, Relation]) -> list[Field]:
    """Bind the names of a query in place.

    Stored tables get their DuckDB names, qualified column names lose the schema.

    Parameters
    ----------
    tree : sqlglot expression
        A checked query; changed in place.
    relations : mapping of str to Relation
        Tables by lower-case name, with and without schema.

    Returns
    -------
    list of Field
        One for every output column; name and datatype are empty where DuckDB alone knows them.

    Raises
    ------
    QueryError
        For a table or column that does not exist or could be several.
    """
    return _Resolver(relations).query(tree, {}, ())


def _columns(fields: Sequence[Field], renamed: Sequence[str] = ()) -> dict[str, Field]:
    by_name: dict[str, Field] = {}
    for index, column in enumerate(fields):
        if name := renamed[index] if index < len(renamed) else column.name:
            by_name.setdefault(name.lower(), replace(column, name=name))
    return by_name


class _Resolver:
    def __init__(self, relations: Mapping[str, Relation]) -> None:
        self.relations = relations
        self.references = 0

    def query(self, node: exp.Expr, ctes: Mapping[str, _Source], outer: tuple[_Frame, ...]) -> list[Field]:
        """Resolve a query expression; returns its output columns."""
        if with_ := node.args.get("with_") or node.args.get("with"):
            ctes = dict(ctes)
            for cte in with_.expressions:
                before = self.references
                fields = self.query(cte.this, ctes, ())
                weight = max(1, self.references - before + len(fields) // _COLUMNS_OF_A_REFERENCE)
                ctes[cte.alias.lower()] = _Source(_columns(fields, cte.alias_column_names), references=weight)
                self.references = before  # it counts where it is used
        if isinstance(node, exp.Subquery):
            return self.query(node.this, ctes, outer)
        if isinstance(node, exp.SetOperation):
            fields = self.query(node.left, ctes, outer)
            self.query(node.right, ctes, outer)
            frame = _Frame(aliases=set(_columns(fields)))
            self.visit(node.args.get("order"), ctes, (frame, *outer))
            return fields
        return self.select(node, ctes, outer)

    def select(self, node: exp.Expr, ctes: Mapping[str, _Source], outer: tuple[_Frame, ...]) -> list[Field]:
        frame = _Frame()
        if from_ := node.args.get("from_") or node.args.get("from"):
            self.source(from_.this, frame, ctes, outer)
        frames = (frame, *outer)
        for join in node.args.get("joins") or ():
            self.join(join, frame, ctes, outer)
        fields: list[Field] = []
        for projection in node.expressions:
            self.visit(projection, ctes, frames)
            fields.extend(self.outputs(projection, frame))
            if len(fields) > _MOST_COLUMNS:
                raise refusal(f"it selects more than {_MOST_COLUMNS} columns")
        self.visit(node.args.get("where"), ctes, frames)
        frame.aliases = {name.lower() for projection in node.expressions if (name := projection.alias)}
        _order_by_outputs(node)
        for clause in ("group", "having", "order"):
            self.visit(node.args.get(clause), ctes, frames)
        return fields

    def join(self, join: exp.Expr, frame: _Frame, ctes: Mapping[str, _Source], outer: tuple[_Frame, ...]) -> None:
        before = {name for source in frame.sources.values() for name in source.columns}
        alias = self.source(join.this, frame, ctes, outer)
        using = [name.name.lower() for name in join.args.get("using") or ()]
        if alias and str(join.args.get("method") or "").upper() == "NATURAL":
            frame.shared |= before & set(frame.sources[alias].columns)
        for name in using:
            if name not in before or (alias and name not in frame.sources[alias].columns):
                raise refusal(f"the column {name!r} of USING is not on both sides of the join")
        frame.shared |= set(using)
        self.visit(join.args.get("on"), ctes, (frame, *outer))

    def source(self, node: exp.Expr, frame: _Frame, ctes: Mapping[str, _Source], outer: tuple[_Frame, ...]) -> str:
        """Add a table, sub-query or parenthesised join to a frame; returns its lower-case alias."""
        if isinstance(node, exp.Table):
            relation = ctes.get(node.name.lower()) if not node.db else None
            alias = node.alias or node.name
            if relation is None:
                relation = self.stored(node, alias)
            self.count(relation.references)
            names = node.alias_column_names
            added = _Source(
                _columns(list(relation.columns.values()), names) if names else relation.columns, relation.stored
            )
        elif isinstance(node, exp.Subquery) and isinstance(node.this, (exp.Select, exp.SetOperation)):
            alias = node.alias
            if not alias:
                raise refusal("a sub-query in FROM has no name", "Give it one: FROM (SELECT ...) AS t")
            added = _Source(_columns(self.query(node.this, ctes, ()), node.alias_column_names))
        elif isinstance(node, (exp.Paren, exp.Subquery)):
            return self.source(node.this, frame, ctes, outer)
        else:
            raise refusal(f"{node.sql()!r} is not a table")
        if alias.lower() in frame.sources:
            raise refusal(f"the name {alias!r} stands for two tables", "Give each its own alias.")
        frame.sources[alias.lower()] = added
        for join in node.args.get("joins") or ():
            self.join(join, frame, ctes, outer)
        return alias.lower()

    def count(self, references: int) -> None:
        self.references += references
        if self.references > _MOST_REFERENCES:
            raise refusal(
                f"it reads tables more than {_MOST_REFERENCES} times, WITH tables once for each use",
                "Split it, and upload what comes first to what comes next.",
            )

    def stored(self, node: exp.Table, alias: str) -> _Source:
        if not isinstance(node.this, exp.Identifier):
            raise refusal(f"{node.this.sql()!r} is not a table")
        name = f"{node.db}.{node.name}" if node.db else node.name
        # A dot inside a delimited name separates nothing.
        relation = self.relations.get(name.lower()) if "." not in node.name + node.db else None
        if relation is None:
            full = {known.name for known in self.relations.values()}
            bare = {alias for alias in self.relations if "." not in alias}
            hint = did_you_mean(name, [*full, *bare]) or f"There are {', '.join(sorted(full))}."
            raise refusal(f"there is no table {name!r}", hint)
        bound = exp.to_table(relation.sql, dialect="duckdb")
        node.set("this", bound.this)
        node.set("db", bound.args.get("db"))
        if not node.alias:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        return _Source(dict(relation.fields), relation.name.lower())

    def visit(self, node: exp.Expr | None, ctes: Mapping[str, _Source], frames: tuple[_Frame, ...]) -> None:
        """Resolve the columns under an expression, sub-queries in their own scope."""
        stack = [node] if node is not None else []
        while stack:
            current = stack.pop()
            if isinstance(current, exp.Query):
                self.query(current, ctes, frames)
            elif isinstance(current, exp.Column):
                self.column(current, frames)
            else:
                stack.extend(current.iter_expressions())

    def column(self, node: exp.Column, frames: tuple[_Frame, ...]) -> None:
        name, table = node.name.lower(), node.table.lower()
        db = node.args.get("db")
        for frame in frames:
            if db is not None:
                full = f"{db.name.lower()}.{table}"
                owners = [alias for alias, source in frame.sources.items() if source.stored == full]
            elif table:
                owners = [table] if table in frame.sources else []
            else:
                owners = [alias for alias, source in frame.sources.items() if name in source.columns]
                if not owners and name in frame.aliases:
                    return
                if len(owners) > 1 and name not in frame.shared:
                    raise refusal(
                        f"the column {node.name!r} is in {' and in '.join(owners)}", f"Write {owners[0]}.{node.name}."
                    )
            if owners:
                if db is not None:
                    node.set("db", None)
                    node.set("table", exp.to_identifier(owners[0], quoted=True))
                if not isinstance(node.this, exp.Star) and name not in frame.sources[owners[0]].columns:
                    raise self.unknown(node, {owners[0]: frame.sources[owners[0]]})
                return
        raise self.unknown(node, frames[0].sources)

    def unknown(self, node: exp.Column, sources: Mapping[str, _Source]) -> Exception:
        if node.table and node.table.lower() not in sources:
            hint = f"Tables here are {', '.join(sources)}." if sources else ""
            return refusal(f"{node.table!r} of {node.sql()!r} is not a table of this FROM", hint)
        where = " or ".join(source.stored or alias for alias, source in sources.items())
        names = {column.name for source in sources.values() for column in source.columns.values()}
        missing = f"there is no column {node.name!r} in {where or 'a query without FROM'}"
        return refusal(missing, did_you_mean(node.name, names))

    def outputs(self, projection: exp.Expr, frame: _Frame) -> list[Field]:
        if isinstance(projection, exp.Star):
            return _star(frame)
        if isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
            return list(frame.sources[projection.table.lower()].columns.values())
        value = projection.unalias()
        field = _lookup(value, frame)
        if field is None and isinstance(value, exp.Anonymous) and value.name.upper() in _AGGREGATES_KEEPING_UNITS:
            inner = _lookup(value.expressions[0], frame) if value.expressions else None
            field = replace(inner, name="", ucd="", datatype="", arraysize="") if inner else None
        name = projection.alias or (field.name if field else "")
        if field is not None:
            return [replace(field, name=name)]
        return [Field(name, "")]


def _order_by_outputs(select: exp.Expr) -> None:
    """``ORDER BY name`` means the output column, also where several tables have a ``name``."""
    outputs = {p.name.lower(): p for p in select.expressions if isinstance(p, exp.Column)}
    order = select.args.get("order")
    for ordered in order.expressions if order else ():
        output = outputs.get(ordered.this.name.lower()) if isinstance(ordered.this, exp.Column) else None
        if output is not None and not ordered.this.table:
            ordered.set("this", output.copy())


def _lookup(value: exp.Expr, frame: _Frame) -> Field | None:
    if not isinstance(value, exp.Column):
        return None
    name, table = value.name.lower(), value.table.lower()
    sources = [frame.sources[table]] if table in frame.sources else [*frame.sources.values()]
    return next((source.columns[name] for source in sources if name in source.columns), None)


def _star(frame: _Frame) -> list[Field]:
    repeats: Counter[str] = Counter()
    fields: list[Field] = []
    for source in frame.sources.values():
        for name, column in source.columns.items():
            if name in frame.shared and repeats[name]:
                continue
            repeats[name] += 1
            fields.append(column)
    return fields
