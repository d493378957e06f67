"""Run every check as CI does, one after the other, and say which part failed.

python -m tests.check            all of it
python -m tests.check types      one part
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
CORES = os.cpu_count() or 2
WORKERS = CORES + CORES // 2
"""Many tests wait for a process or a socket, and leave a core to others meanwhile."""
PARTS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "floors": ["lint-imports"],
    "tests": ["pytest", "-n", str(WORKERS)],
}
HELP = {
    "style": "Run: ruff check --fix .",
    "format": "Run: ruff format .",
    "types": "Each line above names a file and what its types do not agree on.",
    "floors": "A room imports only from floors below it; the contracts stand in pyproject.toml.",
    "tests": "To accept changed messages: pytest --update-golden, then read the diff.",
}


def main(wanted: list[str]) -> int:
    """Run the parts; 0 when all of them passed."""
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        print(f"There is no part {unknown[0]}. There is: {', '.join(PARTS)}.")
        return 2
    failed = []
    for part in wanted or PARTS:
        print(f"== {part}", flush=True)
        started = time.monotonic()
        tool, *arguments = PARTS[part]
        command = [str(Path(sys.executable).parent / tool), *arguments]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(part)
        print(f"   {time.monotonic() - started:.0f} s", flush=True)
    for part in failed:
        print(f"FAILED: {part}. {HELP[part]}")
    if not failed:
        print("All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
