"""The mapping table, and one network of it in full."""

from bot.domain.answers.mappings import ListGroup, ListRow, MappingList
from bot.domain.answers.networks import MappingCard, MappingDetail
from bot.domain.asking import say
from bot.domain.checks import Standing
from bot.domain.codes import Note
from bot.domain.numbers import plural
from bot.domain.replies import Reply
from bot.render.history import change_line
from bot.render.mappings import tell_preconditions
from bot.render.networks import logical, subnet_rows
from bot.render.page import Page, aligned
from bot.render.phrases import listed
from bot.render.pieces import At, Person, Show
from bot.render.words import RULE, at_server

LIST = ("Id", "Network", "Joins", "VMs", "Toward")
"""What is looked for first: a telephone shows no more than three of these at once."""
SUBNETS = ("Subnet", "Joins", "Rule", "Adapters")


def mapping_list(result: MappingList, show: Show) -> Reply:
    """Answer `list`."""
    page = Page(show, _count(result))
    rows = [
        (*_row(row)[:3], f"{row.vms:,}", _direction(group))
        for group in result.groups
        for row in group.rows
    ]
    lines: list[str] = []
    for group in result.groups:
        lines += aligned([(_direction(group),)])
        lines += [f"  {line}" for line in aligned(_row(row) for row in group.rows)]
        lines += [f"  … and {group.more:,} more"] * bool(group.more)
    page.table(LIST, rows, lines=lines, whole=[4])
    left_out = sum(group.more for group in result.groups)
    if left_out:
        page.fact(f"{plural(left_out, 'network')} not listed here.")
    blanks = [(group, row) for group in result.groups for row in group.rows if not row.mapping]
    blanks.sort(key=lambda one: one[1].certain != one[1].network)  # a name reads better than an id
    for group, row in blanks[:1]:
        page.run(
            "To map one",
            say("add", source=row.certain, source_on=group.source, target="<network>"),
        )
    page.ages(result.ages)
    return page.reply()


def _count(result: MappingList) -> str:
    about = f" matching {result.text}" if result.text else ""
    if not result.ages:
        return "No inventory was taken in yet, so there are no networks to list."
    if not result.mapped and not result.unmapped:
        return f"There are no networks{about} to list."
    if not result.mapped:
        number = plural(result.unmapped, "network")
        return f"No network{about} is mapped; {number} with protected VMs could be."
    text = f"{plural(result.mapped, 'mapping')}{about}"
    if not result.unmapped:
        return f"{text}; no network is left unmapped."
    is_ = "is" if result.unmapped == 1 else "are"
    return f"{text}; {plural(result.unmapped, 'network')} {is_} NOT mapped."


def _direction(group: ListGroup) -> str:
    return f"{group.source} → {group.target}" if group.target else f"{group.source} → unknown"


def _row(row: ListRow) -> tuple[str, str, str, str]:
    ref = row.mapping
    joins = "NOT MAPPED"
    if ref:
        joins = ref.target
        joins += " (GONE)" * ref.target_gone
        joins += f", test {ref.test}" if ref.test else ""
    network = row.network + " (GONE)" * bool(ref and ref.source_gone)
    return (ref.id if ref else "", network, joins, plural(row.vms, "VM"))


def mapping_card(result: MappingCard, show: Show) -> Reply:
    """Answer `show`."""
    page = Page(show, _card_answer(result))
    for detail in result.mappings:
        _tell_detail(page, detail, len(result.mappings) > 1)
    network = result.network
    page.fact(f"{network.isolation or 'Isolation not checked'} · {logical(network)}")
    if not result.mappings:
        page.table(("Nr", "Subnet", "Ranges", "Pools"), subnet_rows(network.subnets))
    if result.mapped_here:
        sources = [at_server(ref.source, ref.on) for ref in result.mapped_here]
        page.fact(f"Mapped to it: {listed(sources, 6)}")
    elif not result.mappings:
        page.run(
            "To map it",
            say("add", source=network.name, source_on=network.server, target="<network>"),
        )
    if network.reordered:
        page.warn("VMM lists its subnets in another order than the one that counts")
        page.run("To take it over", say("adopt", network=network.name, server=network.server))
    tell_preconditions(page, result.preconditions)
    for change in result.history:
        page.fact(*change_line(change))
    page.ages(result.ages)
    return page.reply()


def _card_answer(result: MappingCard) -> str:
    network = result.network
    name = at_server(network.name, network.server) + " (GONE from VMM)" * network.gone
    if not result.mappings:
        vms = f"{plural(network.vms, 'VM')} on it"
        if not result.mapped_here:
            return f"{name} is NOT MAPPED; {vms}."
        number = plural(len(result.mapped_here), "mapping")
        return f"{name} is the target of {number} and not mapped itself; {vms}."
    targets = []
    for detail in result.mappings:
        ref = detail.mapping
        gone = ", which is GONE from VMM" * ref.target_gone
        targets.append(f"{at_server(ref.target, ref.toward)}{gone}: {_stands(detail)}")
    return f"{name} is mapped to {'; and to '.join(targets)}."


def _stands(detail: MappingDetail) -> str:
    parts = [f"{plural(detail.adapters, 'adapter')} of {plural(detail.vms, 'VM')}"]
    for number, words in (
        (detail.drifted, "DRIFTED"),
        (detail.pending, "pending"),
        (detail.left_alone, "left alone"),
        (detail.connected, "connected"),
        (detail.disconnected, "on no network, as they should be"),
        (detail.not_observed, "not observed"),
        (detail.unplaced, "cannot be placed"),
    ):
        if number:
            parts.append(f"{number:,} {words}")
    return ", ".join(parts)


def _tell_detail(page: Page, detail: MappingDetail, several: bool) -> None:
    ref = detail.mapping
    who = f"{ref.id} toward {ref.toward}, mapped by " if several else f"{ref.id}, mapped by "
    test = f"test network {ref.test}" if ref.test else "no test network"
    page.fact(who, Person(detail.by), ", ", At(detail.at), f" · {test}")
    rows = [
        (
            choice.source or "(no subnet)",
            f"→ {choice.target or ('no subnet' if choice.rule else '')}",
            RULE[choice.rule] + ", of several" * (Note.SEVERAL_SUBNETS in choice.notes),
            plural(choice.adapters, "adapter"),
        )
        for choice in detail.subnets
    ]
    page.table(SUBNETS, rows)
    if detail.away:
        kept = detail.away - detail.led_home
        for number, where in (
            (kept, "to where it was" if kept == 1 else "to where they were"),
            (detail.led_home, "by this mapping"),
        ):
            if number:
                go = "goes" if number == 1 else "go"
                page.fact(f"{number:,} more of VMs that are failed over: {go} home {where}")
    if detail.target_subnets:
        names = [subnet.name for subnet in detail.target_subnets]
        page.fact(f"{ref.target} has, in order: {listed(names, 12)}")
    for one in detail.availability:
        cloud = one.protecting or "the protecting cloud"
        of = f" ({plural(one.vms, 'VM')} of {one.cloud})" if one.cloud else ""
        if one.standing is Standing.BROKEN:
            page.warn(f"{cloud} cannot reach {ref.target}{of}")
        elif one.standing is Standing.NOT_CHECKED:
            page.warn(f"Not checked: whether {cloud} can reach {ref.target}{of}")
        else:
            page.fact(f"{cloud} can reach {ref.target}{of}")
