"""netmap talks to a VMM server over the real protocol, and what happens when that goes wrong."""

import base64
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from bot.appliers.vmm.checking import check_vmm
from bot.appliers.vmm.circuit import FAILURES, REST
from bot.appliers.vmm.remoting import Broken, Remote
from bot.domain.errors import SetupFault
from bot.domain.remotes import VmmServer as Description
from bot.domain.remotes import read_servers
from bot.render.scripts import export_script
from bot.wiring.timed import scheduled
from tests.psrp.powershell import Call, PsError, Run
from tests.psrp.server import PASSWORD, USER, VmmServer
from tests.psrp.sites import ENVIRON, THERE, Clock, Town, chicago, write


@pytest.fixture
def server() -> Iterator[VmmServer]:
    with chicago() as server:
        yield server


@pytest.fixture
def town(tmp_path: Path, server: VmmServer) -> Iterator[Town]:
    town = make_town(tmp_path, server)
    yield town
    town.house.close()


def make_town(folder: Path, server: VmmServer, count: int = 3) -> Town:
    town = Town(folder, count, server.port)
    server.now = town.clock
    return town


def description(server: VmmServer, **over: Any) -> Description:
    given = {
        "name": THERE,
        "host": "127.0.0.1",
        "port": server.port,
        "transport": "http",
        "auth": "basic",
        "username": "CHI_USER",
        "password": "CHI_PASSWORD",
    }
    return Description.model_validate(given | over)


class Pauses:
    """Counts waiting instead of doing it."""

    def __init__(self) -> None:
        self.all: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.all.append(seconds)


def remote(server: VmmServer, **over: Any) -> tuple[Remote, Clock, Pauses]:
    clock, pauses = Clock(), Pauses()
    return Remote(description(server, **over), ENVIRON, clock, pauses), clock, pauses


def read(found: Remote, script: str = "'one'\n'two'") -> list[str]:
    lines: list[str] = []

    def take(given: Iterator[str]) -> None:
        lines[:] = given

    found.read(script, take)
    return lines


# From VMM to a mapping that is applied


def test_an_inventory_is_fetched_and_a_mapping_reconnects_the_replicas(
    town: Town, server: VmmServer
) -> None:
    fetched = town.does("refresh")
    added = town.does("add Prod-Web to DR-Web")

    assert fetched["reports"][0]["vms"] == 3
    assert (added["applier"], added["reconnected"]["adapters"]) == ("vmm", 3)
    assert server.estate.adapter("web001")["subnet"] == "s-DR-Web-Web"
    assert town.standing() == "connected"
    assert town.does("plan")["total"]["adapters"] == 0
    assert server.open_shells == {}


def test_the_next_inventory_agrees(town: Town) -> None:
    town.does("refresh")
    town.does("add Prod-Web to DR-Web")

    again = town.does(f"refresh {THERE}")

    assert again["reports"][0]["adapters_moved"] == 0
    assert town.standing() == "connected"


def test_an_inventory_that_was_collected_before_takes_nothing_back(
    town: Town, server: VmmServer
) -> None:
    """Collecting takes a while, and somebody may reconnect replicas meanwhile."""
    town.does("refresh")
    town.clock.tick(30)
    before = list(Run(server.estate.cmdlets(), town.clock).script(export_script()))
    town.does("add Prod-Web to DR-Web")
    server.estate.adapter("web002").update(network="n-DR-Old", subnet="s-DR-Old-Web")

    late = town.take(write(town.folder / "late.jsonl", before))

    assert (late.result[0]["adapters_moved"], late.result[0]["adapters_newer"]) == (0, 3)
    assert "3 replica adapters reconnected after this was collected" in late.text
    assert town.does("drift")["findings"] == []
    assert town.does("refresh")["reports"][0]["adapters_moved"] == 1
    assert [town.standing(f"web00{n}") for n in (1, 2, 3)] == ["connected", "drifted", "connected"]


def test_what_the_script_warns_of_is_told(town: Town, server: VmmServer) -> None:
    host = f"hv-{THERE.lower()}"
    server.estate.silent_hosts.add(host)

    reply = town.say("refresh")

    warning = f"{host} does not answer on replication: {host}: Access is denied."
    assert reply.result["reports"][0]["warnings"] == [warning]
    assert warning in reply.text


def test_removing_a_mapping_disconnects_them(town: Town, server: VmmServer) -> None:
    town.does("refresh")
    town.does("add Prod-Web to DR-Web")

    removed = town.does("remove M1")

    assert removed["disconnects"]["adapters"] == 3
    assert server.estate.adapter("web002")["network"] is None


def test_a_dry_run_touches_nothing(town: Town, server: VmmServer) -> None:
    town.does("refresh")
    town.does("add Prod-Web to DR-Web --dry-run")

    assert server.estate.set == []


# Somebody else was at work


def test_a_vm_that_was_started_meanwhile_is_left_alone(town: Town, server: VmmServer) -> None:
    town.does("refresh")
    server.estate.vm("web002")["power"] = "running"

    added = town.does("add Prod-Web to DR-Web")

    states = {move["vm"]: (move["state"], move["said"]) for move in added["moves"]}
    assert states["web002"] == ("running", "the VM is not turned off: Running")
    assert server.estate.adapter("web002")["network"] is None
    assert added["reconnected"]["adapters"] == 2


def test_an_adapter_that_was_moved_meanwhile_stays_and_is_told(
    town: Town, server: VmmServer
) -> None:
    town.does("refresh")
    server.estate.adapter("web002").update(network="n-DR-Old", subnet="s-DR-Old-Web")

    added = town.does("add Prod-Web to DR-Web")

    states = {move["vm"]: (move["state"], move["said"]) for move in added["moves"]}
    assert states["web002"] == ("failed", "it is on DR-Old / Web now")
    assert server.estate.adapter("web002")["network"] == "n-DR-Old"
    town.does("refresh")
    assert town.standing("web002") == "drifted"


def test_vmms_own_words_are_told(town: Town, server: VmmServer) -> None:
    def refuse(call: Call) -> None:
        raise PsError("The logical switch refuses. (Error ID: 50022)")

    town.does("refresh")
    server.estate.before["Set-SCVirtualNetworkAdapter"] = [refuse]

    reply = town.say("add Prod-Web to DR-Web")

    assert "The logical switch refuses. (Error ID: 50022)" in reply.text
    assert reply.result["failed"]["adapters"] == 3
    assert town.standing() == "pending"


# The connection


def test_a_connection_that_breaks_half_way_loses_nothing(tmp_path: Path) -> None:
    with chicago(100) as server:
        town = make_town(tmp_path, server, 100)
        town.does("refresh")
        server.drop_after, server.lost = 41, 7  # 40 lines arrive, one of them the header

        added = town.does("add Prod-Web to DR-Web")

        assert (added["reconnected"]["adapters"], added["pending"]["adapters"]) == (39, 61)
        assert len(server.estate.set) == 47
        said = next(move["said"] for move in added["moves"] if move["state"] == "pending")
        assert said.startswith("the connection broke off before VMM answered; run it again")

        plan = town.does("plan")
        assert plan["total"]["adapters"] == 61
        again = town.does(f"apply {plan['fingerprint']}")

        assert again["reconnected"]["adapters"] == 61
        assert len(server.estate.set) == 100, "nothing is set twice"
        assert town.does("plan")["total"]["adapters"] == 0
        town.house.close()


def test_batches_behind_a_broken_one_are_not_begun(tmp_path: Path) -> None:
    with chicago(230) as server:
        town = make_town(tmp_path, server, 230)
        town.does("refresh")
        server.drop_after = 11

        added = town.does("add Prod-Web to DR-Web")

        assert added["reconnected"]["adapters"] == 9
        assert sum("not begun" in move["said"] for move in added["moves"]) == 130
        assert len(server.estate.set) == 10
        town.house.close()


def test_a_refused_login_is_said_with_where_the_secret_is_and_never_with_it(
    server: VmmServer, caplog: pytest.LogCaptureFixture
) -> None:
    found, _, pauses = remote(server)
    server.refuse = True
    caplog.set_level(logging.DEBUG)

    with pytest.raises(Broken) as caught:
        read(found)

    told = f"{caught.value.message} {caught.value.hint} {caplog.text} {found.standing()}"
    assert "refuses the login (basic)" in caught.value.message
    assert "CHI_USER and CHI_PASSWORD" in caught.value.hint
    assert PASSWORD not in told
    assert pauses.all == [], "a login is not tried again: accounts get locked"


def test_secrets_reach_neither_the_log_nor_the_database(
    town: Town, server: VmmServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("pypsrp", "spnego"):
        logging.getLogger(name).setLevel(logging.NOTSET)  # as before the first connection

    town.does("refresh")
    town.does("add Prod-Web to DR-Web")
    server.refuse = True
    town.say("refresh")

    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    files = b"".join(path.read_bytes() for path in town.folder.glob("town.db*"))
    for secret in (PASSWORD, login):
        assert secret not in caplog.text
        assert secret.encode() not in files
    assert [r.name for r in caplog.records if r.name.startswith(("pypsrp", "spnego"))] == []


def test_only_reads_are_tried_again(server: VmmServer) -> None:
    found, _, pauses = remote(server)
    server.drop_after = 1

    lines = read(found)

    assert lines == ["one", "two"]
    assert (pauses.all, server.logins) == ([5], 2)

    server.drop_after = 1
    with pytest.raises(Broken):
        list(found.run("'one'\n'two'"))
    assert server.logins == 3


def test_a_server_that_is_down_is_given_up_after_three_tries(server: VmmServer) -> None:
    found, _, pauses = remote(server)
    server.down = True

    with pytest.raises(Broken) as caught:
        read(found)

    assert pauses.all == [5, 10]
    assert "could not be made, or broke off" in caught.value.message


def test_the_circuit_opens_rests_and_closes_again(server: VmmServer) -> None:
    found, clock, _ = remote(server)
    server.refuse = True
    for _ in range(FAILURES):
        with pytest.raises(Broken):
            read(found)
    server.refuse = False

    with pytest.raises(Broken) as caught:
        read(found)
    assert "failed 3 times in a row and is left alone until 06:10 UTC" in caught.value.message
    assert server.logins == 0
    assert found.standing().open

    clock.tick(REST.total_seconds() / 60)
    assert read(found) == ["one", "two"]
    assert not found.standing().open
    assert found.standing().failures == 0


def test_a_try_after_the_rest_that_fails_opens_it_again(server: VmmServer) -> None:
    found, clock, _ = remote(server)
    server.refuse = True
    for _ in range(FAILURES):
        with pytest.raises(Broken):
            read(found)
    clock.tick(11)

    with pytest.raises(Broken, match="refuses the login"):
        read(found)
    with pytest.raises(Broken, match="left alone until 06:21"):
        read(found)


def test_a_server_that_says_nothing_is_left(server: VmmServer) -> None:
    found = Remote(description(server), ENVIRON, Clock(), Pauses(), silence_s=0)
    server.lines_at_once = 0  # every fetch comes back empty

    with pytest.raises(Broken, match="has said nothing for 0 s"):
        read(found)


def test_what_the_script_dies_of_is_said(server: VmmServer) -> None:
    found, _, _ = remote(server)

    with pytest.raises(Broken, match="says: The term 'Get-Nothing' is not recognized"):
        read(found, "Get-Nothing")


def test_a_missing_variable_is_named(server: VmmServer) -> None:
    found = Remote(description(server), {"CHI_USER": "x"}, Clock())

    with pytest.raises(SetupFault, match="The variable CHI_PASSWORD is not set"):
        read(found)
    assert server.logins == 0


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no types
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._kept[service, username] = password


class NoRing(NoKeyring):
    """What there is where no keyring is set up, as on most servers."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no types


@pytest.fixture
def keyrings() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_the_password_may_be_in_a_keyring(
    server: VmmServer, keyrings: Callable[[KeyringBackend], None]
) -> None:
    ring = Ring()
    ring.set_password("netmap", USER, PASSWORD)
    keyrings(ring)
    found, _, _ = remote(server, password="", keyring="netmap")

    assert read(found) == ["one", "two"]


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        (Ring(), f"The keyring has no password of {USER} under netmap."),
        (NoRing(), "The keyring cannot be asked for the password of VMM-Chicago: "),
    ],
)
def test_a_keyring_that_does_not_help_is_said(
    server: VmmServer,
    keyrings: Callable[[KeyringBackend], None],
    ring: KeyringBackend,
    words: str,
) -> None:
    keyrings(ring)
    found, _, _ = remote(server, password="", keyring="netmap")

    with pytest.raises(SetupFault) as fault:
        read(found)

    assert fault.value.message.startswith(words)


def test_a_certificate_that_is_not_trusted_or_no_tls_at_all_is_said(server: VmmServer) -> None:
    found, _, _ = remote(server, transport="https")

    with pytest.raises(Broken, match="its certificate is not trusted here"):
        read(found)


# One person at a time


def test_two_people_cannot_apply_at_once(town: Town, server: VmmServer) -> None:
    town.does("refresh")
    server.estate.vm("web003")["power"] = "running"
    town.does("refresh")
    refused: list[str] = []

    def meanwhile(call: Call) -> None:
        server.estate.before.clear()
        with_plan = town.house.answer("plan", "local:bea", page=None).result["fingerprint"]
        reply = town.house.answer(f"apply {with_plan}", "local:bea", page=None)
        refused.append(reply.text)

    server.estate.before["Set-SCVirtualNetworkAdapter"] = [meanwhile]

    added = town.does("add Prod-Web to DR-Web")

    assert added["reconnected"]["adapters"] == 2
    assert len(refused) == 1
    assert refused[0].startswith(f"{THERE} is taken: ana is reconnecting replicas there since 06:0")
    assert len(server.estate.set) == 2


def test_a_change_while_somebody_applies_waits_and_says_so(town: Town, server: VmmServer) -> None:
    town.does("refresh")
    texts: list[str] = []

    def meanwhile(call: Call) -> None:
        server.estate.before.clear()
        texts.append(town.house.answer("change M1 to DR-Old", "local:bea", page=None).text)

    server.estate.before["Set-SCVirtualNetworkAdapter"] = [meanwhile]
    town.does("add Prod-Web to DR-Web")

    assert "ana is reconnecting replicas there since" in texts[0]
    plan = town.does("plan")
    assert plan["total"]["adapters"] == 3
    assert town.does(f"apply {plan['fingerprint']}")["reconnected"]["adapters"] == 3
    assert server.estate.adapter("web001")["network"] == "n-DR-Old"


def test_a_lease_that_was_left_behind_ends_by_itself(town: Town) -> None:
    town.does("refresh")
    town.does("add Prod-Web to DR-Old --dry-run")
    with town.house.store.write() as tables:
        chicago = next(s for s in tables.estate().servers.values() if s.name == THERE)
        until = town.clock.now.replace(hour=7)
        assert tables.leases.take(chicago.id, "U0BEA", town.clock.now, until) is None

    held = town.does("add Prod-Web to DR-Web")
    assert held["reconnected"]["adapters"] == 0
    town.clock.tick(60)
    plan = town.does("plan")

    assert town.does(f"apply {plan['fingerprint']}")["reconnected"]["adapters"] == 3


# Setting it up


def test_a_server_that_calls_itself_otherwise_is_refused(tmp_path: Path) -> None:
    with chicago() as server:
        server.estate.server["name"] = "VMM-Boston"
        town = make_town(tmp_path, server)

        reply = town.say("refresh")

        assert not reply.ok
        assert "calls itself VMM-Boston, and NETMAP_VMM calls it VMM-Chicago" in reply.text
        town.house.close()


def test_refresh_without_any_server_says_what_to_set(tmp_path: Path) -> None:
    town = Town(tmp_path)

    assert "NETMAP_VMM" in town.say("refresh").text
    town.house.close()


def test_refresh_names_the_servers_it_knows(town: Town) -> None:
    reply = town.say("refresh VMM-Denver")

    assert reply.error is not None
    assert reply.error.commands == [f"refresh {THERE}"]


def test_status_shows_how_it_goes(town: Town, server: VmmServer) -> None:
    assert "was not asked yet" in town.say("status").text
    town.does("refresh")
    assert f"{THERE} (127.0.0.1) answered" in town.say("status").text
    server.refuse = True
    for _ in range(FAILURES):
        town.say("refresh")
    assert "3 failures in a row, so it is left alone until" in town.say("status").text


def test_check_tries_every_server(town: Town, server: VmmServer) -> None:
    assert check_vmm(town.settings, town.clock, ENVIRON) == [
        ("vmm", True, f"{THERE} (127.0.0.1) answers, as {THERE}.example.org")
    ]
    server.refuse = True
    [(_, well, text)] = check_vmm(town.settings, town.clock, ENVIRON)
    assert not well
    assert "refuses the login" in text


def test_a_schedule_refreshes_and_survives_a_bad_day(tmp_path: Path, server: VmmServer) -> None:
    town = Town(tmp_path, vmm=(description(server, refresh=30),))
    server.now = town.clock
    [(seconds, work)] = [job[1:] for job in scheduled(town.house) if job[0].startswith("refresh")]

    work()
    server.refuse = True
    town.clock.tick(30)
    work()

    assert seconds == 1800
    assert any(row["name"] == THERE for row in town.does("servers")["servers"])
    assert "refuses the login" in town.say("status").text
    town.house.close()


def test_a_replica_that_netmap_only_read_of_in_a_file_is_reconnected_too(
    town: Town, server: VmmServer
) -> None:
    town.take(write(town.folder / "there.jsonl", town.there))

    assert town.does("add Prod-Web to DR-Web")["reconnected"]["adapters"] == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("VMM-Chicago", "without host="),
        ("VMM-Chicago host=a colour=red", "with colour=, but knows"),
        ("VMM-Chicago host=a port=x", "a wrong port="),
        ("host=a", "needs one name first"),
        ("VMM Chicago host=a", "needs one name first"),
        ("'VMM host=a", "a quote that is not closed"),
        ("A host=a; a host=b", "describes a twice"),
        ("A host=a username=me@x password=P", "no name of an environment variable"),
        ("A host=a password=P", "with a password and no username="),
        ("A host=a username=U password=P keyring=K", "one is enough"),
        ("A host=a transport=http auth=basic", "sends the password for all to read"),
    ],
)
def test_a_wrong_description_is_explained(text: str, fault: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_servers(text)

    assert fault in str(caught.value)


def test_a_description_may_span_lines_and_names_may_have_spaces() -> None:
    found = read_servers("'VMM Chicago' host=a refresh=60;\nB host=b auth=kerberos\n")

    assert isinstance(found, tuple)
    assert [(one.name, one.host, one.refresh) for one in found] == [
        ("VMM Chicago", "a", 60),
        ("B", "b", 0),
    ]
