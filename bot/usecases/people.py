"""What people are called: names for whoever reads plain text, where Slack shows them itself."""

from datetime import datetime

from bot.ports import Ports, Store


class Names:
    """Names by id, asked of the store when the first one is needed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, str] | None = None

    def __call__(self, by: str) -> str:
        """The name; the login of `local:<login>`; the id itself where nobody knows better."""
        if by.startswith("local:"):
            return by.removeprefix("local:")
        if self._known is None:
            self._known = self._store.names()
        return self._known.get(by, by)


def remember(ports: Ports, names: dict[str, str], at: datetime) -> None:
    """Keep what people and groups are called; takes the write lock only for what is new."""
    known = ports.store.names()
    new = {id: name for id, name in names.items() if name and known.get(id) != name}
    if new:
        with ports.store.write() as tables:
            for id, name in new.items():
                tables.people.call(id, name, at)
