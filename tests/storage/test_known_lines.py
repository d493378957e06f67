"""What lines of the next inventory are compared with."""

from pathlib import Path

from storage.store import Store

EVERY_BYTE = [bytes((n + step) % 256 for step in range(8)) for n in range(256)]


def test_digests_are_known_byte_by_byte(tmp_path: Path) -> None:
    store = Store(tmp_path / "netmap.db")
    rows = [(n, str(n), digest) for n, digest in enumerate([*EVERY_BYTE, bytes(8), b""], start=7)]
    with store.write() as tables:
        execute = store._connection().execute
        for server in (1, 2):
            execute("INSERT INTO server VALUES (?1, ?1, ?1, ?1, '', '', 0, '')", (str(server),))
        store._connection().executemany(
            "INSERT INTO vm (id, server, guid, name, key, cloud, host, digest)"
            " VALUES (?, 1, ?, '', '', 0, 0, ?)",
            rows,
        )
        known, other = tables.inventories.known(1), tables.inventories.known(2)

    assert known.vms == {digest: id for id, _, digest in rows if digest}
    assert known.unread == {7 + 257}
    assert (other.vms, other.unread) == ({}, frozenset())
    store.close()
