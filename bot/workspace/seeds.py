"""Who and what is there on the first day: people, groups, channels."""

from __future__ import annotations

from bot.workspace.nouns import Channel, Group, Person

TEAM = "T0LOCAL01"
TEAM_DOMAIN = "northwind"
TEAM_NAME = "Northwind"
OTHER_TEAM = "T0OTHER01"
APP = "A0NETMAP1"
BOT_USER = "U0NETMAP1"
BOT = "B0NETMAP1"
SLACKBOT = "USLACKBOT"


def people(bot_name: str) -> list[Person]:
    """The bot and those who talk to it, one of each kind that Slack tells apart."""
    return [
        Person(BOT_USER, bot_name, bot_name, TEAM, is_bot=True),
        Person(
            "U0ANA0001", "ana", "Ana Ferreira", TEAM, "Europe/Amsterdam", "en-GB", "Network editor"
        ),
        Person("U0BEN0001", "ben", "Ben Okafor", TEAM, "America/New_York", "en-US", "On call"),
        Person(
            "U0CHLOE01",
            "chloe",
            "Chloe Lindqvist",
            TEAM,
            "America/Chicago",
            "en-US",
            "Workspace admin",
            is_admin=True,
            is_owner=True,
        ),
        Person(
            "U0DINESH1", "dinesh", "Dinesh Rao", TEAM, "Asia/Kolkata", "en-US", "Network editor"
        ),
        Person(
            "U0GUEST01",
            "gus",
            "Gus Tan (guest)",
            TEAM,
            "Asia/Singapore",
            "en-US",
            "Guest",
            is_restricted=True,
        ),
        Person(
            "U0VERA001",
            "vera",
            "Vera Novak (Fabrikam)",
            OTHER_TEAM,
            "Europe/Prague",
            "cs-CZ",
            "Another company",
            is_stranger=True,
        ),
    ]


def groups() -> list[Group]:
    """Two user groups, so that roles by group can be tried."""
    return [
        Group("S0EDITOR1", "dr-editors", "DR editors", ["U0ANA0001", "U0DINESH1"]),
        Group("S0ADMINS1", "dr-admins", "DR admins", ["U0CHLOE01"]),
    ]


def channels() -> list[Channel]:
    """Every kind of channel a bot can stumble over."""
    team = {"U0ANA0001", "U0BEN0001", "U0CHLOE01", "U0DINESH1"}
    everyone = team | {BOT_USER, "U0GUEST01"}
    return [
        Channel("C0GENERAL", "general", everyone, topic="Company-wide"),
        Channel(
            "C0ONCALL1",
            "dr-oncall",
            everyone | {"U0VERA001"},
            is_ext_shared=True,
            topic="Failover, now",
        ),
        Channel("C0CHANGES", "dr-changes", team | {BOT_USER}, topic="Every change to DR mappings"),
        Channel(
            "C0LEADS01",
            "dr-leads",
            {"U0ANA0001", "U0CHLOE01", BOT_USER},
            is_private=True,
            topic="Private",
        ),
        Channel("C0FACILIT", "facilities", set(team), topic="netmap is not in here"),
        Channel("C0PAYROLL", "payroll", {"U0CHLOE01"}, is_private=True, topic="Private, no bots"),
        Channel(
            "C0ARCHIVE",
            "dr-exercise-2024",
            team | {BOT_USER},
            is_archived=True,
            topic="Archived",
        ),
    ]
