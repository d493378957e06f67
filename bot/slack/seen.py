"""What was seen lately, so that nothing is done twice."""

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
