"""What was seen lately, so that nothing is done twice and nothing newer is overwritten."""

import threading
from collections import OrderedDict


class Seen:
    """Remembers the last `size` keys; older ones are forgotten."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def first(self, key: str) -> bool:
        """Whether this is the first time; of several threads one hears True."""
        with self._lock:
            if key in self._keys:
                return False
            self._keys[key] = None
            if len(self._keys) > self._size:
                self._keys.popitem(last=False)
            return True

    def forget(self, key: str) -> None:
        """Let this key be the first again, as what came of it failed."""
        with self._lock:
            self._keys.pop(key, None)


class Latest:
    """Remembers the newest moment of each of the last `size` keys; older ones are forgotten."""

    def __init__(self, size: int = 1_000) -> None:
        self._size = size
        self._moments: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, key: str, at: str) -> None:
        """Something happened then; moments are compared as text."""
        with self._lock:
            self._moments[key] = max(at, self._moments.pop(key, ""))
            if len(self._moments) > self._size:
                self._moments.popitem(last=False)

    def stands(self, key: str, at: str) -> bool:
        """Whether nothing newer is known."""
        with self._lock:
            return self._moments.get(key, at) == at
