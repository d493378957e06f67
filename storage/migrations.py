"""The schema, as numbered steps that are never edited once released.

Ids are interned integers, tables STRICT, times ISO 8601 UTC. A place is where an adapter can be:
every network has one without a subnet (`guid` empty) and one a subnet; 0 is disconnected, -1 not
observed.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("netmap")


def _run(db: Database, script: str) -> None:
    """Each statement by itself: `executescript` would commit the migration half-way."""
    for statement in script.split(";"):
        if statement.strip():
            db.execute(statement)


@migrations()
def m001_estate_and_mappings(db: Database) -> None:
    """Inventories, pairs, segments, mappings and the history."""
    _run(
        db,
        """
        CREATE TABLE change (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, by TEXT NOT NULL, at TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '', command TEXT NOT NULL DEFAULT '',
            part_of INTEGER NOT NULL DEFAULT 0,
            undone_by INTEGER NOT NULL DEFAULT 0,
            undoes INTEGER NOT NULL DEFAULT 0,
            detail TEXT NOT NULL,
            affected BLOB
        ) STRICT;
        CREATE TABLE change_network (
            network INTEGER NOT NULL, server INTEGER NOT NULL, change INTEGER NOT NULL,
            PRIMARY KEY (network, server, change)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE server (
            id INTEGER PRIMARY KEY, guid TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            key TEXT NOT NULL, collected_at TEXT NOT NULL, imported_at TEXT NOT NULL,
            simulated INTEGER NOT NULL, kinds TEXT NOT NULL
        ) STRICT;
        CREATE INDEX server_key ON server (key);

        CREATE TABLE cloud (
            id INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server ON DELETE CASCADE,
            guid TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
            logical TEXT, protector_server TEXT, protector_cloud TEXT,
            gone INTEGER NOT NULL DEFAULT 0,
            UNIQUE (server, guid)
        ) STRICT;

        CREATE TABLE reach (id INTEGER PRIMARY KEY, logical TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE host (
            id INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server ON DELETE CASCADE,
            guid TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
            cloud INTEGER NOT NULL, reach INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
            UNIQUE (server, guid)
        ) STRICT;
        CREATE INDEX host_key ON host (key);

        CREATE TABLE network (
            id INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server ON DELETE CASCADE,
            guid TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
            logical TEXT, logical_known INTEGER NOT NULL, isolation TEXT,
            digest BLOB NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
            UNIQUE (server, guid)
        ) STRICT;
        CREATE INDEX network_key ON network (key);

        CREATE TABLE place (
            id INTEGER PRIMARY KEY, network INTEGER NOT NULL REFERENCES network ON DELETE CASCADE,
            guid TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
            position INTEGER NOT NULL, listed INTEGER NOT NULL,
            ranges TEXT NOT NULL, pools INTEGER, gone INTEGER NOT NULL DEFAULT 0,
            UNIQUE (network, guid)
        ) STRICT;
        CREATE TABLE pool (
            id INTEGER PRIMARY KEY, place INTEGER NOT NULL REFERENCES place ON DELETE CASCADE,
            first BLOB NOT NULL, last BLOB NOT NULL
        ) STRICT;
        CREATE INDEX pool_place ON pool (place);
        CREATE TABLE taken (
            place INTEGER NOT NULL REFERENCES place ON DELETE CASCADE,
            address BLOB NOT NULL, adapter TEXT NOT NULL, reserved INTEGER NOT NULL,
            PRIMARY KEY (place, address)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE vm (
            id INTEGER PRIMARY KEY, server INTEGER NOT NULL REFERENCES server ON DELETE CASCADE,
            guid TEXT NOT NULL, hyperv TEXT, name TEXT NOT NULL, key TEXT NOT NULL,
            cloud INTEGER NOT NULL, host INTEGER NOT NULL, role TEXT, partner_host TEXT,
            state TEXT, health TEXT, power TEXT,
            digest BLOB NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
            UNIQUE (server, guid)
        ) STRICT;
        CREATE INDEX vm_key ON vm (key);
        CREATE INDEX vm_unknown ON vm (server) WHERE role IS NULL AND gone = 0;
        CREATE INDEX vm_hyperv ON vm (hyperv) WHERE hyperv IS NOT NULL;
        CREATE INDEX vm_unread ON vm (server) WHERE gone = 0 AND digest = x'';
        CREATE TABLE adapter (
            vm INTEGER NOT NULL, slot INTEGER NOT NULL, guid TEXT NOT NULL, name TEXT NOT NULL,
            mac TEXT NOT NULL, at INTEGER NOT NULL, addressing INTEGER NOT NULL,
            addresses TEXT NOT NULL,
            PRIMARY KEY (vm, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX adapter_at ON adapter (at);

        CREATE TABLE baseline (
            id INTEGER PRIMARY KEY, home INTEGER NOT NULL, away INTEGER NOT NULL,
            mapped INTEGER NOT NULL, UNIQUE (home, away, mapped)
        ) STRICT;
        CREATE TABLE segment (
            id INTEGER PRIMARY KEY,
            source INTEGER NOT NULL, server INTEGER NOT NULL, baseline INTEGER NOT NULL,
            readiness INTEGER NOT NULL, cloud INTEGER NOT NULL, toward INTEGER NOT NULL,
            reach INTEGER NOT NULL, addressing INTEGER NOT NULL,
            desired INTEGER NOT NULL, rule TEXT NOT NULL, notes TEXT NOT NULL,
            former INTEGER NOT NULL, since INTEGER NOT NULL, adapters INTEGER NOT NULL,
            UNIQUE (source, server, baseline, readiness, cloud, toward, reach, addressing)
        ) STRICT;

        CREATE TABLE pair (
            id INTEGER PRIMARY KEY, hyperv TEXT NOT NULL,
            active INTEGER NOT NULL, passive INTEGER NOT NULL, home INTEGER NOT NULL,
            away INTEGER NOT NULL, failed_over INTEGER NOT NULL, home_set INTEGER NOT NULL,
            since INTEGER NOT NULL, faults INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX pair_hyperv ON pair (hyperv);
        CREATE INDEX pair_active ON pair (active);
        CREATE INDEX pair_passive ON pair (passive);
        CREATE INDEX pair_faults ON pair (faults) WHERE faults <> 0;
        CREATE TABLE pair_adapter (
            pair INTEGER NOT NULL, slot INTEGER NOT NULL, segment INTEGER NOT NULL,
            observed INTEGER NOT NULL, observed_since INTEGER NOT NULL, joined INTEGER NOT NULL,
            PRIMARY KEY (pair, slot)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pair_adapter_segment
            ON pair_adapter (segment, observed, observed_since, joined);

        CREATE TABLE mapping (
            id INTEGER PRIMARY KEY, source INTEGER NOT NULL, target INTEGER NOT NULL,
            server INTEGER NOT NULL, test INTEGER, by TEXT NOT NULL, at TEXT NOT NULL,
            change INTEGER NOT NULL, removed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX mapping_in_force ON mapping (source, server) WHERE removed = 0;
        CREATE INDEX mapping_target ON mapping (target) WHERE removed = 0;
        CREATE INDEX mapping_source ON mapping (source, server, change);

        CREATE TABLE seen (id TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """,
    )


@migrations()
def m002_lease(db: Database) -> None:
    """Who is reconnecting replicas at a server."""
    _run(
        db,
        """
        CREATE TABLE lease (
            server INTEGER PRIMARY KEY, by TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL
        ) STRICT
        """,
    )


@migrations()
def m003_requests(db: Database) -> None:
    """Changes that wait for somebody, and reconnections that are owed."""
    _run(
        db,
        """
        CREATE TABLE request (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, line TEXT NOT NULL,
            by TEXT NOT NULL, at TEXT NOT NULL, place TEXT NOT NULL, fingerprint TEXT NOT NULL,
            vms INTEGER NOT NULL, adapters INTEGER NOT NULL, disconnects INTEGER NOT NULL,
            text TEXT NOT NULL, reason TEXT NOT NULL, change INTEGER NOT NULL, moves BLOB,
            decided_by TEXT NOT NULL DEFAULT '', decided_at TEXT, said TEXT NOT NULL DEFAULT '',
            channel TEXT NOT NULL DEFAULT '', ts TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX request_open ON request (state) WHERE state = 'open';
        CREATE INDEX request_glass ON request (change) WHERE kind = 'glass';
        CREATE TABLE owed (
            change INTEGER PRIMARY KEY, by TEXT NOT NULL, at TEXT NOT NULL,
            adapters INTEGER NOT NULL, channel TEXT NOT NULL, ts TEXT NOT NULL
        ) STRICT
        """,
    )


@migrations()
def m004_digests(db: Database) -> None:
    """Findings with a life, subscriptions, what they told of, and messages on their way out."""
    _run(
        db,
        """
        CREATE TABLE finding (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, finding TEXT NOT NULL,
            since TEXT NOT NULL, seen_at TEXT NOT NULL, change INTEGER NOT NULL, hush TEXT,
            resolved_at TEXT, resolved_by TEXT NOT NULL DEFAULT '',
            resolved_change TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX finding_open ON finding (id) WHERE resolved_at IS NULL;
        CREATE TABLE finding_day (
            day TEXT NOT NULL, severity TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (day, severity)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE happening (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, network INTEGER NOT NULL,
            server INTEGER NOT NULL, change INTEGER NOT NULL, at TEXT NOT NULL,
            adapters INTEGER NOT NULL, vms INTEGER NOT NULL, examples TEXT NOT NULL,
            facts TEXT NOT NULL, before TEXT NOT NULL
        ) STRICT;
        CREATE INDEX happening_at ON happening (at);
        CREATE TABLE import_failure (
            key TEXT PRIMARY KEY, server TEXT NOT NULL, at TEXT NOT NULL, message TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE pulse (
            name TEXT PRIMARY KEY, at TEXT NOT NULL, note TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE digest (
            id INTEGER PRIMARY KEY AUTOINCREMENT, next_run TEXT, body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX digest_next_run ON digest (next_run) WHERE next_run IS NOT NULL;
        CREATE TABLE digest_run (
            digest INTEGER NOT NULL, due TEXT NOT NULL, at TEXT NOT NULL, step TEXT NOT NULL,
            findings INTEGER NOT NULL,
            PRIMARY KEY (digest, due)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE digest_said (
            digest INTEGER NOT NULL, life INTEGER NOT NULL, since TEXT NOT NULL,
            adapters INTEGER NOT NULL, severity TEXT NOT NULL, open INTEGER NOT NULL,
            mentioned INTEGER NOT NULL,
            PRIMARY KEY (digest, life)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, digest INTEGER NOT NULL, part TEXT NOT NULL,
            channel TEXT NOT NULL, post TEXT NOT NULL, settle TEXT,
            attempts INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL,
            not_before TEXT NOT NULL, claimed_at TEXT, error TEXT NOT NULL DEFAULT '', done_at TEXT
        ) STRICT;
        CREATE INDEX outbox_open ON outbox (digest, id) WHERE done_at IS NULL;
        """,
    )


@migrations()
def m005_requests_of_files(db: Database) -> None:
    """What a file asked for, compressed, kept with the request that waits."""
    _run(db, "ALTER TABLE request ADD COLUMN given BLOB")


@migrations()
def m006_people(db: Database) -> None:
    """What people and groups are called."""
    _run(
        db,
        """
        CREATE TABLE person (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    )


@migrations()
def m007_pair_names(db: Database) -> None:
    """What each pair is called, in rows so narrow that a long list of names is read quickly."""
    _run(
        db,
        """
        CREATE TABLE pair_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
        INSERT INTO pair_name SELECT p.id, v.name FROM pair p CROSS JOIN vm v ON v.id =
            CASE WHEN p.passive THEN p.passive ELSE p.active END
        """,
    )


@migrations()
def m008_left_baselines(db: Database) -> None:
    """What was frozen of adapters that one side does not list at present."""
    _run(
        db,
        """
        CREATE TABLE left_baseline (
            pair INTEGER NOT NULL, slot INTEGER NOT NULL, baseline INTEGER NOT NULL,
            PRIMARY KEY (pair, slot)
        ) STRICT, WITHOUT ROWID
        """,
    )


@migrations()
def m009_former_targets(db: Database) -> None:
    """Where mappings ever led to, until which change; who was connected before one was added."""
    _run(
        db,
        """
        CREATE TABLE former (
            source INTEGER NOT NULL, server INTEGER NOT NULL, network INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (source, server, network)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO former SELECT source, server, target, max(until) FROM (
            SELECT source, server, target, change AS until FROM mapping WHERE removed = 1
            UNION ALL
            SELECT json_extract(b.value, '$.source'), json_extract(b.value, '$.server'),
                json_extract(b.value, '$.target'), c.id
                FROM change c, json_each(c.detail, '$.before') b
        ) GROUP BY source, server, target;
        ALTER TABLE change ADD COLUMN stood BLOB
        """,
    )


@migrations()
def m010_cards(db: Database) -> None:
    """What the card of each request says: its state; empty where that is not known."""
    _run(
        db,
        """
        ALTER TABLE request ADD COLUMN card TEXT NOT NULL DEFAULT '';
        UPDATE request SET card = state WHERE ts <> '';
        CREATE INDEX request_card ON request (id)
            WHERE card <> state AND ts <> '' AND state <> 'open'
        """,
    )


@migrations()
def m011_unreadable(db: Database) -> None:
    """VMs that were listed and could not be read; vm 0: never read."""
    _run(
        db,
        """
        CREATE TABLE unreadable (
            server INTEGER NOT NULL, guid TEXT NOT NULL, vm INTEGER NOT NULL, name TEXT NOT NULL,
            key TEXT NOT NULL, why TEXT NOT NULL, as_of TEXT,
            PRIMARY KEY (server, guid)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX unreadable_vm ON unreadable (vm, key)
        """,
    )


@migrations()
def m012_left_adapters(db: Database) -> None:
    """Where replicas stood of adapters that one side does not list at present, and since when."""
    for column in ("passive", "observed", "observed_since"):
        db.execute(f"ALTER TABLE left_baseline ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0")


@migrations()
def m013_since_when_it_runs_there(db: Database) -> None:
    """A pair's `since` told of the active side; of one failed over and not reversed, too early."""
    db.execute("UPDATE pair SET since = 0 WHERE failed_over OR NOT away")


@migrations()
def m014_owed_moves(db: Database) -> None:
    """What the reconnections that are owed move, and from where; NULL where that is not known."""
    db.execute("ALTER TABLE owed ADD COLUMN moves BLOB")


@migrations()
def m015_answers(db: Database) -> None:
    """Answers to changes that Slack did not take."""
    _run(
        db,
        """
        CREATE TABLE answer (
            id INTEGER PRIMARY KEY, user TEXT NOT NULL, channel TEXT NOT NULL,
            thread TEXT NOT NULL, ts TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
            not_before TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
    )
