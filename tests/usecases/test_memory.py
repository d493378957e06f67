"""`vm` on a large estate needs no more memory than on a small one: it loads nothing that grows."""

import tracemalloc
from pathlib import Path

from tests.builders import CH, NY, Site, Town, on


def _peak(folder: Path, adapters: int) -> int:
    """Bytes at most while `vm` was answered, with so many adapters a side on the same networks."""
    folder.mkdir()
    town, ny, ch = Town(folder), Site(NY), Site(CH)
    ny.net("Prod", "Web", "App")
    ch.net("DR", "Web", "App")
    slots = range(4)
    for n in range(adapters // len(slots)):
        ny.vm(f"vm{n}", *(on("Prod", "Web", slot) for slot in slots))
        ch.vm(f"vm{n}", *(on(None, None, slot) for slot in slots), role="replica")
    town.takes(ny, ch)
    town.does("add Prod to DR")
    town.does("vm vm7")  # what is kept between answers is kept now

    tracemalloc.start()
    town.does("vm vm8, vm9")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_an_answer_about_a_vm_loads_nothing_that_grows(tmp_path: Path) -> None:
    small = _peak(tmp_path / "small", 1_000)
    large = _peak(tmp_path / "large", 20_000)

    assert large < small * 1.2 + 20_000
