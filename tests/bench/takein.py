"""Rows 8 and 9: imports against `json.loads` of every line of the file."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.estate import Shape, write
from tests.bench.rounds import Row, child, ratio

VMS = 100_000


def importing(folder: Path, rounds: int, vms: int) -> Iterator[Row]:
    """An import into an empty store, and one with a hundredth changed, each in its own process."""
    shape = Shape(vms * 5 // 2)
    files = [write(folder, shape, day)[0] for day in (1, 2)]
    floor: list[float] = []
    first: list[float] = []
    again: list[float] = []
    lock: list[float] = []
    peak: list[float] = []
    for number in range(rounds):
        db = folder / f"taken-{number}.db"
        whole = child("load_whole", files[0])
        floor.append(whole["by_line_s"])
        one = child("take_in", db, files[0], 1)
        two = child("take_in", db, files[1], 2)
        first.append(one["s"])
        again.append(two["s"])
        lock.append(two["locked_s"] / two["s"])
        peak.append(max(one["peak_mb"], two["peak_mb"]) / whole["peak_mb"])
        for left in folder.glob(f"{db.name}*"):
            left.unlink()
    for file in files:
        file.unlink()
    found, second = ratio(first, floor), ratio(again, floor)
    yield Row("8", f"Import of {vms:,} VMs into an empty store / json.loads of its lines", "≤ 3",
              str(found), found.median <= 3, found._asdict())  # fmt: skip
    yield Row("8", "the same with 1 % changed / json.loads of its lines", "≤ 0.6",
              str(second), second.median <= 0.6, second._asdict())  # fmt: skip
    memory = sorted(peak)[len(peak) // 2]
    yield Row("8", "its peak memory / of loading the file whole", "≤ 0.5",
              f"{memory:.2f} ({min(peak):.2f}-{max(peak):.2f})", memory <= 0.5, {})  # fmt: skip
    held = sorted(lock)[len(lock) // 2]
    yield Row("9", "Write lock held by the second / its duration", "≤ 0.05",
              f"{held:.3f} ({min(lock):.3f}-{max(lock):.3f})", held <= 0.05, {})  # fmt: skip
