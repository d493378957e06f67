"""Run our PowerShell scripts where there is no PowerShell: as much of the language as they use.

The grammar is tree-sitter's; what it parses is walked as it stands. Anything the scripts do not
use is refused, so a script that grows beyond this fails loudly here. Streaming like PowerShell:
what a script has printed is there before the next statement runs.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import tree_sitter
import tree_sitter_powershell
from tree_sitter import Node

LANGUAGE = tree_sitter.Language(tree_sitter_powershell.language())

Cmdlet = Callable[["Call"], Iterable[Any]]


class PsError(Exception):
    """A terminating error, in the words of whoever raised it."""


class _Return(Exception):
    """Leaves a function; its values were put out before."""


class _Continue(Exception):
    """The next turn of a loop."""


class Thing:
    """An object with properties, names compared without case; one it has not is null."""

    def __init__(self, **properties: Any) -> None:
        self.properties = {name.lower(): (name, value) for name, value in properties.items()}

    def get(self, name: str) -> Any:
        return self.properties.get(name.lower(), (name, None))[1]

    def set(self, name: str, value: Any) -> None:
        kept = self.properties.get(name.lower(), (name, None))[0]
        self.properties[name.lower()] = (kept, value)

    def has(self, name: str) -> bool:
        return name.lower() in self.properties

    def pairs(self) -> Iterator[tuple[str, Any]]:
        yield from self.properties.values()


class Table(Thing):
    """A hash table."""


class Call:
    """A cmdlet as it was called."""

    def __init__(
        self, name: str, named: dict[str, Any], given: list[Any], piped: Iterable[Any], run: "Run"
    ) -> None:
        self.name = name
        self.named = named
        self.given = given
        self.piped = piped
        self.run = run

    def get(self, name: str, default: Any = None) -> Any:
        return self.named.get(name.lower(), default)


class Block:
    """A script block."""

    def __init__(self, node: Node) -> None:
        self.node = node


class Scope:
    """Variables; those of the caller can be seen."""

    def __init__(self, outer: "Scope | None" = None) -> None:
        self.outer = outer
        self.own: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name.lower() in scope.own:
                return scope.own[name.lower()]
            scope = scope.outer
        return None

    def set(self, name: str, value: Any) -> None:
        self.own[name.lower()] = value


def parse(script: str) -> Node:
    """The script's tree."""
    return tree_sitter.Parser(LANGUAGE).parse(script.encode()).root_node


def faults(node: Node) -> list[str]:
    """Where the grammar does not fit."""
    if node.type == "ERROR" or node.is_missing:
        return [f"line {node.start_point[0] + 1}: {text(node)[:60]}"]
    return [fault for child in node.children for fault in faults(child)]


def commands(node: Node) -> list[str]:
    """Every command the tree calls."""
    own = [text(node)] if node.type == "command_name" else []
    return own + [name for child in node.children for name in commands(child)]


def functions(node: Node) -> set[str]:
    """Every function the tree defines."""
    own = {text(node)} if node.type == "function_name" else set()
    return own.union(*(functions(child) for child in node.children))


def text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


class Choice(str):
    """A value of an enumeration: written by its name, true by its number."""

    number: int

    def __new__(cls, name: str, number: int) -> "Choice":
        made = super().__new__(cls, name)
        made.number = number
        return made


def truth(value: Any) -> bool:
    if isinstance(value, Choice):
        return value.number != 0
    if isinstance(value, list):
        return len(value) > 1 or any(map(truth, value))
    return bool(value)


def string(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(map(string, value))
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def unrolled(values: Iterable[Any]) -> Iterator[Any]:
    """What an expression puts on the pipeline: the elements of a list, all else as it is."""
    for value in values:
        if isinstance(value, list):
            yield from value
        elif value is not None:
            yield value


def gathered(values: Iterable[Any]) -> Any:
    """What an assignment keeps of a pipeline."""
    found = list(values)
    return found[0] if len(found) == 1 else found or None


def to_json(value: Any) -> Any:
    if isinstance(value, Thing):
        return {name: to_json(inner) for name, inner in value.pairs()}
    if isinstance(value, list):
        return [to_json(inner) for inner in value]
    return value


def from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return Thing(**{name: from_json(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return [from_json(inner) for inner in value]
    return value


class Run:
    """One run of a script."""

    def __init__(
        self,
        cmdlets: dict[str, Cmdlet],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.warnings: list[str] = []
        self.what_if: list[str] = []
        self.files: dict[str, list[str]] = {}
        self.strict = False
        """The session's strict mode: what an object has not may not be asked for."""
        self._now = now
        self._cmdlets = {name.lower(): cmdlet for name, cmdlet in (BUILT_IN | cmdlets).items()}
        self._functions: dict[str, Node] = {}
        self._top = Scope()

    def script(self, source: str, **parameters: Any) -> Iterator[Any]:
        """Run it; what it puts out, as it does. Raises PsError where it ends with an error."""
        root = parse(source)
        if faults(root):
            raise PsError(f"ParserError: {faults(root)}")
        what_if = bool(parameters.pop("WhatIf", False))
        self._top.set("PSCmdlet", Thing(ShouldProcess=lambda *a: self._should(what_if, *a)))
        wanted = {name.lower(): value for name, value in parameters.items()}
        for child in root.named_children:
            if child.type == "param_block":
                self._bind_script(child, wanted)
        if wanted:
            raise PsError(f"A parameter cannot be found that matches {sorted(wanted)[0]}.")
        for child in root.named_children:
            if child.type == "statement_list":
                yield from self._statements(child, self._top)

    def _should(self, what_if: bool, target: str, action: str) -> bool:
        if what_if:
            self.what_if.append(f"{action} on {target}")
        return not what_if

    def now(self) -> datetime:
        return self._now()

    def block(self, block: Block, item: Any, scope: Scope) -> Iterator[Any]:
        """A script block with `$_`, in the scope of whoever calls it."""
        before = scope.get("_")
        scope.set("_", item)
        try:
            yield from list(self._body(block.node, scope))
        finally:
            scope.set("_", before)

    def _bind_script(self, node: Node, wanted: dict[str, Any]) -> None:
        for parameter in _all(node, "script_parameter"):
            name = text(_only(parameter, "variable"))[1:]
            default = next(iter(_all(parameter, "script_parameter_default")), None)
            if name.lower() in wanted:
                value = wanted.pop(name.lower())
                self._top.set(name, True if value is None else value)
            elif default is not None:
                self._top.set(name, self._value(default.named_children[-1], self._top))

    # -- statements -----------------------------------------------------------------------

    def _body(self, node: Node, scope: Scope) -> Iterator[Any]:
        """The statements somewhere below."""
        for child in node.named_children:
            if child.type == "statement_list":
                yield from self._statements(child, scope)
            elif child.type in ("script_block", "script_block_body"):
                yield from self._body(child, scope)

    def _statements(self, node: Node, scope: Scope) -> Iterator[Any]:
        for child in node.named_children:
            if child.type not in ("comment", "empty_statement"):
                yield from self._statement(child, scope)

    def _statement(self, node: Node, scope: Scope) -> Iterator[Any]:
        match node.type:
            case "pipeline":
                yield from self._pipeline(node, scope)
            case "function_statement":
                self._functions[text(_only(node, "function_name")).lower()] = node
            case "if_statement":
                yield from self._if(node, scope)
            case "foreach_statement":
                name = text(_only(node, "variable"))[1:]
                values = list(self._pipeline(_only(node, "pipeline"), scope))
                for value in values:
                    scope.set(name, value)
                    try:
                        yield from self._body(_only(node, "statement_block"), scope)
                    except _Continue:
                        continue
            case "for_statement":
                for start in _all(node, "for_initializer"):
                    list(self._parts(start, scope))
                while truth(gathered(self._parts(_only(node, "for_condition"), scope))):
                    yield from self._body(_only(node, "statement_block"), scope)
                    list(self._parts(_only(node, "for_iterator"), scope))
            case "try_statement":
                yield from self._try(node, scope)
            case "flow_control_statement":
                word = text(node.children[0]).lower()
                if word == "continue":
                    raise _Continue
                assert word == "return", word
                for child in _all(node, "pipeline"):
                    yield from self._pipeline(child, scope)
                raise _Return
            case _:
                raise NotImplementedError(f"{node.type}: {text(node)[:60]}")

    def _parts(self, node: Node, scope: Scope) -> Iterator[Any]:
        for child in node.named_children:
            if child.type == "pipeline":
                yield from self._pipeline(child, scope)
            else:
                yield self._value(child, scope)

    def _if(self, node: Node, scope: Scope) -> Iterator[Any]:
        if truth(gathered(self._pipeline(_only(node, "pipeline"), scope))):
            yield from self._body(_only(node, "statement_block"), scope)
            return
        for clauses in _all(node, "elseif_clauses"):
            for clause in clauses.named_children:
                if truth(gathered(self._pipeline(_only(clause, "pipeline"), scope))):
                    yield from self._body(_only(clause, "statement_block"), scope)
                    return
        for clause in _all(node, "else_clause"):
            yield from self._body(_only(clause, "statement_block"), scope)

    def _try(self, node: Node, scope: Scope) -> Iterator[Any]:
        try:
            yield from self._body(_only(node, "statement_block"), scope)
        except PsError as error:
            scope.set("_", Thing(Exception=Thing(Message=str(error))))
            [clause] = _all(_only(node, "catch_clauses"), "catch_clause")
            yield from self._body(_only(clause, "statement_block"), scope)

    def _pipeline(self, node: Node, scope: Scope) -> Iterator[Any]:
        [child] = [one for one in node.named_children if one.type != "comment"]
        if child.type == "assignment_expression":
            self._assign(child, scope)
            return
        assert child.type == "pipeline_chain", child.type
        flow: Iterable[Any] = ()
        for part in child.named_children:
            if part.type == "command":
                flow = self._command(part, scope, flow)
            elif _is_step(part):
                self._value(part, scope)
            else:
                flow = unrolled([self._value(part, scope)])
        yield from flow

    def _assign(self, node: Node, scope: Scope) -> None:
        left = _inner(_only(node, "left_assignment_expression"))
        operator = text(_only(node, "assignement_operator"))
        value = self._whole(_only(node, "pipeline"), scope)
        if operator == "+=":
            value = _plus(self._value(left, scope), value)
        if left.type == "variable":
            if text(left).lower() != "$null":
                scope.set(text(left)[1:], value)
        elif left.type == "member_access":
            holder = self._value(left.named_children[0], scope)
            holder.set(text(left.named_children[1]), value)
        elif left.type == "element_access":
            holder = self._value(left.named_children[0], scope)
            holder.set(string(self._value(left.named_children[1], scope)), value)
        else:
            raise NotImplementedError(left.type)

    def _whole(self, pipeline: Node, scope: Scope) -> Any:
        """The value of a pipeline that is one expression, lists left whole; else gathered."""
        chain = pipeline.named_children[0]
        if chain.type == "pipeline_chain" and len(chain.named_children) == 1:
            only = chain.named_children[0]
            if only.type != "command":
                return self._value(only, scope)
        return gathered(self._pipeline(pipeline, scope))

    # -- commands -------------------------------------------------------------------------

    def _command(self, node: Node, scope: Scope, piped: Iterable[Any]) -> Iterator[Any]:
        name = text(_only(node, "command_name"))
        named: dict[str, Any] = {}
        given: list[Any] = []
        waiting = ""
        for elements in _all(node, "command_elements"):
            for part in elements.named_children:
                if part.type == "command_parameter":
                    waiting = text(part)[1:].lower()
                    named[waiting] = True
                elif part.type != "command_argument_sep":
                    value = text(part) if part.type == "generic_token" else self._value(part, scope)
                    if waiting:
                        named[waiting] = value
                        waiting = ""
                    else:
                        given.append(value)
        yield from self.call(name, named, given, piped, scope)

    def call(
        self,
        name: str,
        named: dict[str, Any],
        given: list[Any],
        piped: Iterable[Any],
        scope: Scope | None = None,
    ) -> Iterator[Any]:
        scope = scope or self._top
        function = self._functions.get(name.lower())
        if function is not None:
            inner = Scope(scope)
            names = [text(v)[1:] for v in _all(function, "variable", stop="script_block")]
            for parameter in names:
                inner.set(parameter, None)
            for parameter, value in zip(names, given, strict=False):
                inner.set(parameter, value)
            try:
                yield from self._body(function, inner)
            except _Return:
                return
            return
        cmdlet = self._cmdlets.get(name.lower())
        if cmdlet is None:
            raise PsError(f"The term '{name}' is not recognized as the name of a cmdlet.")
        call = Call(name, named, given, piped, self)
        if name.lower() in ("foreach-object", "where-object"):
            call.named["scope"] = scope
        yield from cmdlet(call)

    # -- expressions ----------------------------------------------------------------------

    def _value(self, node: Node, scope: Scope) -> Any:
        node = _inner(node)
        match node.type:
            case "variable":
                name = text(node)[1:]
                return {"null": None, "true": True, "false": False}.get(
                    name.lower(), scope.get(name)
                )
            case "verbatim_string_characters":
                return text(node)[1:-1].replace("''", "'")
            case "verbatim_here_string_characters":
                return re.sub(r"\A@'\r?\n|\r?\n'@\Z", "", text(node))
            case "expandable_string_literal":
                return self._expand(node, scope)
            case "decimal_integer_literal":
                return int(text(node))
            case "parenthesized_expression":
                return self._whole(_only(node, "pipeline"), scope)
            case "array_expression":
                found = []
                for child in _all(node, "statement_list"):
                    found = list(self._statements(child, scope))
                return found
            case "array_literal_expression":
                return [self._value(child, scope) for child in node.named_children]
            case "hash_literal_expression":
                return self._table(node, scope)
            case "script_block_expression":
                return Block(node)
            case "member_access":
                holder = self._value(node.named_children[0], scope)
                member = text(node.named_children[1])
                if self.strict and not (isinstance(holder, Thing) and holder.has(member)):
                    raise PsError(f"The property '{member}' cannot be found on this object.")
                return _member(holder, member)
            case "element_access":
                holder = self._value(node.named_children[0], scope)
                index = self._value(node.named_children[1], scope)
                if isinstance(holder, Thing):
                    return holder.get(string(index))
                return holder[index] if -len(holder) <= index < len(holder) else None
            case "invokation_expression":
                return self._invoke(node, scope)
            case "cast_expression":
                kind = text(node.named_children[0])[1:-1].lower()
                value = self._value(node.named_children[1], scope)
                return _number(value) if kind in ("int", "int64") else value
            case "expression_with_unary_operator":
                operator, operand = node.children
                if text(operator).lower() not in ("-not", "!"):
                    raise NotImplementedError(text(operator))
                return not truth(self._value(operand, scope))
            case "post_increment_expression":
                name = text(node.named_children[0])[1:]
                scope.set(name, scope.get(name) + 1)
                return None
        if len(node.children) == 3:
            return self._binary(node, scope)
        raise NotImplementedError(f"{node.type}: {text(node)[:60]}")

    def _binary(self, node: Node, scope: Scope) -> Any:
        left, operator, right = node.children
        sign = text(operator).lower()
        first = self._value(left, scope)
        if sign == "-and":
            return truth(first) and truth(self._value(right, scope))
        if sign == "-or":
            return truth(first) or truth(self._value(right, scope))
        return OPERATORS[sign](first, self._value(right, scope))

    def _expand(self, node: Node, scope: Scope) -> str:
        raw = text(node).encode()
        made, at = "", 1
        for child in node.named_children:
            made += _plain(raw[at : child.start_byte - node.start_byte].decode())
            if child.type == "sub_expression":
                values: list[Any] = []
                for inner in _all(child, "statement_list"):
                    values = list(self._statements(inner, scope))
                made += string(values)
            else:
                made += string(self._value(child, scope))
            at = child.end_byte - node.start_byte
        return made + _plain(raw[at:-1].decode())

    def _table(self, node: Node, scope: Scope) -> Table:
        table = Table()
        for entry in _all(node, "hash_entry", stop="statement_block"):
            key = text(_only(entry, "key_expression")).strip("'")
            table.set(key, self._whole(_only(entry, "pipeline"), scope))
        return table

    def _invoke(self, node: Node, scope: Scope) -> Any:
        holder = self._value(node.named_children[0], scope)
        name = text(node.named_children[1]).lower()
        given = [
            self._value(argument, scope)
            for argument in _all(node.named_children[2], "argument_expression")
        ]
        if isinstance(holder, Thing) and name == "containskey":
            return holder.has(string(given[0]))
        if isinstance(holder, Thing) and callable(holder.get(name)):
            return holder.get(name)(*given)
        if isinstance(holder, datetime):
            return _utc(holder) if name == "touniversaltime" else _sortable(holder)
        if holder is None:
            raise PsError("You cannot call a method on a null-valued expression.")
        if name not in ("trim", "tolowerinvariant"):
            raise NotImplementedError(name)
        return string(holder).strip() if name == "trim" else string(holder).lower()


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _sortable(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S")


def _member(holder: Any, name: str) -> Any:
    if isinstance(holder, Thing):
        return holder.get(name)
    if isinstance(holder, list) and name.lower() == "count":
        return len(holder)
    return None


def _number(value: Any) -> int:
    try:
        return int(value or 0)
    except ValueError:
        raise PsError(f'Cannot convert value "{value}" to type "System.Int32".') from None


def _plain(raw: str) -> str:
    def mark(found: re.Match[str]) -> str:
        return {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1])

    return re.sub(r"`(.)", mark, raw).replace('""', '"')


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, list):
        return [*left, *(right if isinstance(right, list) else [right])]
    if isinstance(left, str):
        return left + string(right)
    return (left or 0) + right


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return left.lower() == string(right).lower()
    return bool(left == right)


def _holds(left: Any, right: Any) -> bool:
    return any(_same(one, right) for one in left or [])


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "-eq": _same,
    "-ne": lambda a, b: not _same(a, b),
    "-le": lambda a, b: a <= b,
    "-split": lambda a, b: re.split(b, string(a)),
    "-join": lambda a, b: b.join(map(string, a)),
    "-notcontains": lambda a, b: not _holds(a, b),
    "-match": lambda a, b: re.search(b, string(a), re.IGNORECASE) is not None,
    "-notmatch": lambda a, b: re.search(b, string(a), re.IGNORECASE) is None,
    "-f": lambda a, b: a.format(*b),
    "-shr": lambda a, b: a >> b,
    "-band": lambda a, b: a & b,
    "+": _plus,
    "*": lambda a, b: a * b,
}


_WHOLE = ("expandable_string_literal", "variable")


def _inner(node: Node) -> Node:
    """Down through nodes that only wrap another."""
    while len(node.children) == 1 and node.type not in _WHOLE:
        node = node.children[0]
    return node


def _is_step(node: Node) -> bool:
    return _inner(node).type == "post_increment_expression" or (
        node.type == "unary_expression" and text(node).endswith("++")
    )


def _all(node: Node, kind: str, stop: str = "") -> list[Node]:
    """Nodes of this kind, none below another of it, none below `stop`."""
    found = []
    for child in node.named_children:
        if child.type == kind:
            found.append(child)
        elif child.type != stop and child.type in _WRAPPERS:
            found += _all(child, kind, stop)
    return found


_WRAPPERS = {
    "param_block",
    "parameter_list",
    "script_parameter",
    "function_parameter_declaration",
    "hash_literal_body",
    "argument_expression_list",
    "catch_clauses",
}


def _only(node: Node, kind: str) -> Node:
    return next(child for child in node.named_children if child.type == kind)


# Cmdlets of PowerShell itself


def _foreach(call: Call) -> Iterator[Any]:
    for item in call.piped:
        yield from call.run.block(call.given[0], item, call.named["scope"])


def _where(call: Call) -> Iterator[Any]:
    for item in call.piped:
        if truth(gathered(call.run.block(call.given[0], item, call.named["scope"]))):
            yield item


def _convert_to_json(call: Call) -> Iterator[Any]:
    made = json.dumps(to_json(call.get("InputObject")), ensure_ascii=False, separators=(",", ":"))
    for char in "<>'&":  # as Windows PowerShell 5.1 does
        made = made.replace(char, f"\\u{ord(char):04x}")
    yield made


def _set_content(call: Call) -> Iterator[Any]:
    call.run.files[call.get("LiteralPath")] = [string(line) for line in call.piped]
    return iter(())


def _move_item(call: Call) -> Iterator[Any]:
    call.run.files[call.get("Destination")] = call.run.files.pop(call.get("LiteralPath"))
    return iter(())


def _set_strict_mode(call: Call) -> Iterator[Any]:
    call.run.strict = not call.get("Off")
    return iter(())


def _warn(call: Call) -> Iterator[Any]:
    call.run.warnings.append(string(call.given[0]))
    return iter(())


BUILT_IN: dict[str, Cmdlet] = {
    "ForEach-Object": _foreach,
    "Where-Object": _where,
    "ConvertTo-Json": _convert_to_json,
    "ConvertFrom-Json": lambda call: [from_json(json.loads(call.get("InputObject")))],
    "Get-Date": lambda call: [call.run.now()],
    "Import-Module": lambda call: [],
    "Set-StrictMode": _set_strict_mode,
    "Set-Content": _set_content,
    "Move-Item": _move_item,
    "Write-Warning": _warn,
}
