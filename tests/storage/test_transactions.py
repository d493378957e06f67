"""A read is one snapshot; a write is all or nothing; a copy is whole."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.codes import ChangeKind
from bot.domain.errors import StoreFault
from bot.domain.history import Detail
from bot.usecases.mapping.mappings import AddMapping, add_mapping
from storage.store import Store, restore
from tests.storage.build import machine, network, nic, open_store, stamp, take_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "netmap.db"


@pytest.fixture
def store(path: Path) -> Store:
    return Store(path)


def test_a_read_sees_one_state_whatever_is_written_beside_it(path: Path, store: Store) -> None:
    with store.read() as tables:
        assert tables.changes.last() == 0
        with Store(path).write() as others:
            others.changes.begin(ChangeKind.ADD, stamp())
        assert tables.changes.last() == 0

    with store.read() as tables:
        assert tables.changes.last() == 1


def test_the_estate_of_a_read_is_that_of_its_snapshot(path: Path) -> None:
    ports, others = open_store(path), open_store(path)
    take_in(ports, "one", [network("Prod", "Web")], [])

    with ports.store.read() as tables:
        assert len(tables.estate().networks) == 1
        take_in(others, "one", [network("Prod", "Web"), network("Lab")], [], hour=1)
        assert len(tables.estate().networks) == 1
    with ports.store.read() as tables:
        assert len(tables.estate().networks) == 2


def test_a_write_sees_its_own_estate(path: Path) -> None:
    ports = open_store(path)
    take_in(ports, "one", [network("Prod", "Web")], [])

    with ports.store.write() as tables:
        before = tables.estate()
        (server,) = before.servers
        tables.inventories.forget(server)
        assert not tables.estate().servers


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, sqlite3.IntegrityError])
def test_any_error_takes_a_write_back(store: Store, error: type[BaseException]) -> None:
    with pytest.raises(error):
        _write_and_fail(store, error)

    with store.read() as tables:
        assert tables.changes.last() == 0
    with store.write() as tables:  # and the lock was given back
        assert tables.changes.begin(ChangeKind.ADD, stamp()) == 1


def test_each_thread_has_a_connection_of_its_own(store: Store) -> None:
    seen: list[int] = []

    def look() -> None:
        with store.read() as tables:
            seen.append(tables.changes.last())

    with store.write() as tables:
        tables.changes.begin(ChangeKind.ADD, stamp())
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert seen == [0]


def test_the_history_row_is_written_with_what_it_tells_of(path: Path) -> None:
    ports = open_store(path)
    take_in(ports, "one", [network("Prod", "Web")], [])
    take_in(ports, "two", [network("DR", "Web")], [])
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON change BEGIN SELECT raise(ABORT, 'no'); END"
        )
        db.commit()

    with pytest.raises(sqlite3.IntegrityError):
        add_mapping(ports, [AddMapping(source="Prod", target="DR")], stamp())

    with ports.store.read() as tables:
        assert tables.estate().mappings == {}
        assert tables.changes.last() == 2


def test_a_mapping_and_its_history_come_together(path: Path) -> None:
    ports = open_store(path)
    take_in(
        ports,
        "one",
        [network("Prod", "Web")],
        [machine("one", "a", "primary", nic(0, "Prod", "Web"))],
    )
    take_in(ports, "two", [network("DR", "Web")], [machine("two", "a", "replica", nic(0, None))])

    add_mapping(ports, [AddMapping(source="Prod", target="DR")], stamp(by="U7"))

    with ports.store.read() as tables:
        (mapping,) = tables.estate().mappings.values()
        change = tables.changes.get(mapping.change)
        affected = tables.changes.affected(mapping.change)
    assert change is not None
    assert (change.by, change.detail.adapters, len(affected)) == ("U7", 1, 1)


def test_a_change_remembers_its_adapters(store: Store) -> None:
    with store.write() as tables:
        id = tables.changes.begin(ChangeKind.ADD, stamp())
        tables.changes.finish(id, Detail(text="nothing"))

    with store.read() as tables:
        assert tables.changes.affected(id) == []
        assert tables.changes.affected(id + 1) == []


def test_a_backup_is_whole_while_the_store_is_in_use(path: Path, tmp_path: Path) -> None:
    store = Store(path)
    with store.write() as tables:
        tables.changes.begin(ChangeKind.ADD, stamp())

    with store.read():
        pass
    store.backup(tmp_path / "copy.db")

    with Store(tmp_path / "copy.db").read() as tables:
        assert tables.changes.last() == 1


def test_a_backup_never_overwrites(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").touch()

    with pytest.raises(StoreFault, match="exists already"):
        store.backup(tmp_path / "copy.db")


def test_a_backup_into_no_folder_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match=r"The folder .*away does not exist"):
        store.backup(tmp_path / "away" / "copy.db")


def test_a_disk_that_is_full_leaves_no_half_of_a_copy(path: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows limits no files")
    store = Store(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(StoreFault):
            store.backup(tmp_path / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not list(tmp_path.glob("copy.db*"))
    store.backup(tmp_path / "copy.db")


def test_restoring_keeps_what_was_there(path: Path, tmp_path: Path) -> None:
    store = Store(path)
    store.backup(tmp_path / "copy.db")
    with store.write() as tables:
        tables.changes.begin(ChangeKind.ADD, stamp())
    store.close()

    kept, _ = restore(tmp_path / "copy.db", path, stamp().at)

    assert kept is not None
    with Store(path).read() as tables:
        assert tables.changes.last() == 0
    with Store(kept).read() as tables:
        assert tables.changes.last() == 1


def test_restoring_where_nothing_was(path: Path, tmp_path: Path) -> None:
    Store(path).close()

    assert restore(path, tmp_path / "new.db", stamp().at)[0] is None

    with Store(tmp_path / "new.db").read() as tables:
        assert tables.changes.last() == 0


def test_restoring_over_a_store_in_use_is_refused(path: Path, tmp_path: Path) -> None:
    store = Store(path)
    store.backup(tmp_path / "copy.db")

    with pytest.raises(StoreFault, match="is in use"):
        restore(tmp_path / "copy.db", path, stamp().at)

    with store.write() as tables:  # it goes on as if nothing had been
        tables.changes.begin(ChangeKind.ADD, stamp())
    assert not list(tmp_path.glob("*before-restore*"))


def test_a_backup_is_one_file_whatever_is_done_with_it(path: Path, tmp_path: Path) -> None:
    store = Store(path)
    folder = tmp_path / "kept"
    folder.mkdir()
    store.backup(folder / "copy.db")

    with pytest.raises(StoreFault, match="is in use"):
        restore(folder / "copy.db", path, stamp().at)
    assert [found.name for found in folder.iterdir()] == ["copy.db"]
    store.close()
    restore(folder / "copy.db", path, stamp().at)

    left = sorted(found.name for found in folder.iterdir())
    assert left == ["copy.db", "copy.db.restored"]  # the copy, and how far the numbers leapt


def test_what_was_restored_or_copied_by_hand_can_be_read_while_it_is_written(
    path: Path, tmp_path: Path
) -> None:
    store = Store(path)
    store.backup(tmp_path / "copy.db")
    store.close()
    restore(tmp_path / "copy.db", tmp_path / "new.db", stamp().at)
    (tmp_path / "hand.db").write_bytes((tmp_path / "copy.db").read_bytes())

    for name in ("new.db", "hand.db"):
        with Store(tmp_path / name).write() as tables, Store(tmp_path / name).read() as others:
            tables.changes.begin(ChangeKind.ADD, stamp())
            assert others.changes.last() == 0


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, None])
def test_only_a_backup_is_restored(path: Path, tmp_path: Path, content: bytes | None) -> None:
    Store(path).close()
    if content is not None:
        (tmp_path / "copy.db").write_bytes(content)

    with pytest.raises(StoreFault):
        restore(tmp_path / "copy.db", path, stamp().at)

    with Store(path).read() as tables:
        assert tables.changes.last() == 0


def _write_and_fail(store: Store, error: type[BaseException]) -> None:
    with store.write() as tables:
        tables.changes.begin(ChangeKind.ADD, stamp())
        raise error
