"""A workspace that runs for weeks does not keep all it ever saw."""

from bot.workspace import Workspace
from bot.workspace.world import REMEMBERED
from tests.workspace.bench import MANIFEST


def test_old_changes_are_forgotten_and_new_ones_found() -> None:
    world = Workspace(MANIFEST).world
    began = world.moment()
    for _ in range(3 * REMEMBERED):
        world.tell({"type": "clock"})
    now = world.moment()
    world.tell({"type": "presence"})

    assert now - began == 3 * REMEMBERED
    assert [change["type"] for change in world.since(now)] == ["presence"]
    assert len(world.since(began)) <= REMEMBERED
