"""That a copy was put in the place of the database, and what that means for an answer."""

from bot.domain.answers.shared import Restored
from bot.render.page import Page
from bot.render.pieces import At, Piece

DOUBT = "; what counts as drifted may stand where it was mapped to meanwhile"


def warn_restored(page: Page, found: Restored | None, doubt: str = "") -> None:
    """Say what is not known since then; `doubt` is what follows from it."""
    if found is None:
        return
    what: tuple[Piece, ...] = ("a copy without changes",)
    if found.last_at is not None:
        what = (f"a copy that ends with {found.last} (", At(found.last_at), ")")
    page.warn(
        "Restored ", At(found.at), " from ", *what,
        f": what was changed after that is not known here{doubt}",
    )  # fmt: skip
