from pathlib import Path

import pytest

from bot.domain.codes import Role
from bot.domain.errors import SetupFault
from bot.settings import TABLE, Settings


def test_an_empty_environment_is_a_good_one() -> None:
    settings = Settings.read({})

    assert str(settings.db) == "netmap.db"
    assert settings.command == "/netmap"
    assert not settings.for_slack


def test_empty_variables_count_as_not_set() -> None:
    assert Settings.read({"NETMAP_DB": " ", "SLACK_BOT_TOKEN": ""}) == Settings.read({})


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(SetupFault) as fault:
        Settings.read(
            {
                "SLACK_BOT_TOKEN": "oops",
                "NETMAP_WORKERS": "lots",
                "NETMAP_CONNECTIONS": "0",
                "NETMAP_LOG_FORMAT": "xml",
                "NETMAP_EDITORS": "ana, *",
                "NETMAP_COMMAND": "/Net Map",
                "SLACK_API_URL": "somewhere",
            }
        )

    assert fault.value.message == "7 settings cannot be used."
    assert list(fault.value.facts) == [
        "SLACK_BOT_TOKEN does not begin with xoxb-.",
        "SLACK_API_URL is no address that begins with http:// or https://.",
        "NETMAP_EDITORS holds `*`, `ana`, which is no Slack user id; one looks like U024BE7LH"
        " (profile, ⋮, Copy member ID).",
        "NETMAP_COMMAND is `/Net Map`; a slash command is / and up to 31 small letters, digits,"
        " - or _.",
        "NETMAP_LOG_FORMAT is `xml`; it can be text or json.",
        "NETMAP_WORKERS is `lots`, which is not a number.",
        "NETMAP_CONNECTIONS is `0`; it should be greater than or equal to 1.",
    ]


def test_one_fault_is_the_message_itself() -> None:
    with pytest.raises(SetupFault, match="NETMAP_STALE_HOURS is `0`; it should be greater than 0"):
        Settings.read({"NETMAP_STALE_HOURS": "0"})


@pytest.mark.parametrize("inbox", [".", "..", "/", "data", "link"])
def test_the_folder_of_the_database_is_no_inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inbox: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to("data")
    monkeypatch.chdir(tmp_path)

    db = "x.db" if inbox == "." else "data/netmap.db"
    with pytest.raises(SetupFault, match="where the database is"):
        Settings.read({"NETMAP_DB": db, "NETMAP_INBOX": inbox})

    assert Settings.read({"NETMAP_DB": "data/netmap.db", "NETMAP_INBOX": "exports"}).inbox


def test_secrets_never_show() -> None:
    settings = Settings.read(
        {
            "SLACK_BOT_TOKEN": "xoxb-hidden",
            "SLACK_APP_TOKEN": "xapp-hidden",
            "SLACK_SIGNING_SECRET": "hidden",
            "SLACK_PROXY": "http://user:hidden@proxy.example:3128",
        }
    )

    assert "hidden" not in repr(settings)
    assert "hidden" not in str(settings)


def test_a_faulty_secret_is_not_repeated() -> None:
    with pytest.raises(SetupFault) as fault:
        Settings.read({"SLACK_BOT_TOKEN": "hidden", "SLACK_APP_TOKEN": "hidden"})

    assert "hidden" not in " ".join([fault.value.message, fault.value.hint, *fault.value.facts])


@pytest.mark.parametrize(
    ("given", "by", "role"),
    [
        ({}, "U0ANA0001", Role.READER),
        ({}, "local:ana", Role.ADMIN),
        ({"NETMAP_EDITORS": "U0ANA0001"}, "U0ANA0001", Role.EDITOR),
        ({"NETMAP_EDITORS": "U0ANA0001"}, "U0BEN0001", Role.READER),
        ({"NETMAP_ADMINS": "U0BEN0001", "NETMAP_EDITORS": "U0BEN0001"}, "U0BEN0001", Role.ADMIN),
        ({"NETMAP_READERS": "U0BEN0001"}, "U0BEN0001", Role.READER),
        ({"NETMAP_READERS": "U0BEN0001"}, "U0ANA0001", Role.NOBODY),
        ({"NETMAP_READERS": "U0BEN0001", "NETMAP_EDITORS": "U0ANA0001"}, "U0ANA0001", Role.EDITOR),
    ],
)
def test_roles_come_from_the_lists(given: dict[str, str], by: str, role: Role) -> None:
    assert Settings.read(given).role_of(by) is role


def test_a_local_workspace_is_open_until_somebody_is_named() -> None:
    assert Settings(local=True).role_of("U0ANA0001") is Role.ADMIN
    named = Settings(local=True, editors=frozenset({"U0ANA0001"}))
    assert named.role_of("U0ANA0001") is Role.EDITOR
    assert named.role_of("U0BEN0001") is Role.READER


def test_whoever_is_refused_hears_which_setting_would_help() -> None:
    open_ = Settings.read({}).remedy("U0ANA0001", Role.EDITOR)
    assert "Nobody may change mappings yet." in open_
    assert "add U0ANA0001 to NETMAP_EDITORS" in open_

    named = Settings.read({"NETMAP_EDITORS": "U0BEN0001"}).remedy("U0ANA0001", Role.ADMIN)
    assert named.startswith("Whoever runs netmap can add U0ANA0001 to NETMAP_ADMINS")


def test_the_table_has_a_meaning_for_every_variable() -> None:
    assert [row.name for row in TABLE if not row.meaning.endswith(".")] == []
    assert {"NETMAP_DB", "SLACK_BOT_TOKEN", "NETMAP_EDITORS"} <= {row.name for row in TABLE}
