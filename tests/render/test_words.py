"""Every code has its words."""

import pytest

from bot.domain.addresses import Expectation, Outlook
from bot.domain.codes import ChangeKind, FindingKind, Note, Readiness, Role, Rule, Severity
from bot.render import placements, words
from bot.usecases.placing import STATES
from tests.render.build import there


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (Rule, words.RULE),
        (Note, words.NOTE),
        (Severity, words.SEVERITY),
        (FindingKind, words.FINDING),
        (ChangeKind, words.CHANGE),
        (Role, words.ROLE),
        ([one.name.lower() for one in Readiness], words.READINESS),
        (STATES.values(), words.STATE),
    ],
)
def test_every_code_has_its_words(codes: list[str], said: dict[str, str]) -> None:
    assert set(codes) <= set(said)


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_gives_a_reason(rule: Rule) -> None:
    assert placements.because(rule, [], there("DR-Web", "Web"), "Batch")


@pytest.mark.parametrize("outlook", Outlook)
def test_every_outlook_is_a_sentence(outlook: Outlook) -> None:
    assert placements.address(Expectation(outlook=outlook, address="10.1.0.21")).endswith(".")


@pytest.mark.parametrize("kind", FindingKind)
def test_an_effect_agrees_with_its_number(kind: FindingKind) -> None:
    one, several = words.effect(kind, 1), words.effect(kind, 2)

    assert one.startswith("1 VM ")
    assert several.startswith("2 VMs ")
    assert " they" not in one
    assert " it " not in several.replace("if it", "")


def test_effects_of_one_vm_read_well() -> None:
    said = [words.effect(kind, 1) for kind in FindingKind]

    assert "1 VM comes up WITHOUT A NETWORK" in said
    assert "1 VM keeps the connection it has until it is a replica again" in said
    assert "1 VM comes up where it is, not where it belongs" in said
    assert "1 VM comes up where somebody put it" in said
    assert "1 VM comes up on the network it was mapped to" in said
    assert not [text for text in said if "it are" in text or "it have" in text]
