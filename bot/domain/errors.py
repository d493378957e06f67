"""What can go wrong and be explained.

    NetmapError            the person can be told what to do
    ├── Misread            the line could not be read (unknown flag, broken quotes)
    │   └── NoCommand      it begins with no command there is
    ├── NotFound           no such server, network, VM, mapping, change
    ├── Ambiguous          several things answer to the name; candidates are listed
    ├── Conflict           it contradicts what is recorded
    ├── Refused            it would do harm, or the facts do not allow it
    ├── Forbidden          this person may not
    ├── Outdated           a button, form or plan from before; ask again
    ├── InventoryFault     a file that cannot be taken in
    ├── StoreFault         the database file cannot be used
    ├── Stopped            netmap was told to stop meanwhile; it can be asked again
    ├── Unreachable        a VMM server does not answer, or not to the end
    └── SetupFault         settings are missing or contradict each other

Anything else that is raised is a bug: the person gets a reference, the log gets it with the trace.
"""

from collections.abc import Sequence

from bot.domain.asking import Say


class NetmapError(Exception):
    """Something a person can be told.

    Args:
        message: what is wrong, with the value that is wrong; one or two sentences.
        hint: what to do, as a sentence.
        commands: whole lines without `/netmap`, ready to run as they stand, or what they say.
        facts: further lines, such as candidates or the faults of a file.
        people: who could do it: ids of Slack users and user groups.
    """

    code = "error"

    def __init__(
        self,
        message: str,
        hint: str = "",
        commands: Sequence[str | Say] = (),
        facts: Sequence[str] = (),
        people: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.commands = tuple(commands)
        self.facts = tuple(facts)
        self.people = tuple(people)


class Misread(NetmapError):
    """The line could not be read."""

    code = "misread"


class NoCommand(Misread):
    """There is no such command."""


class NotFound(NetmapError):
    """There is no such thing, as far as the inventories say."""

    code = "not_found"


class Ambiguous(NetmapError):
    """Several things answer to the name."""

    code = "ambiguous"


class Conflict(NetmapError):
    """It contradicts what is recorded."""

    code = "conflict"


class Refused(NetmapError):
    """It would do harm, or the facts do not allow it."""

    code = "refused"


class Forbidden(NetmapError):
    """This person may not."""

    code = "forbidden"


class Outdated(NetmapError):
    """It rests on a state that is gone."""

    code = "outdated"


class InventoryFault(NetmapError):
    """A file that cannot be taken in; nothing of it was."""

    code = "inventory"


class StoreFault(NetmapError):
    """The database file cannot be used."""

    code = "store"


class Stopped(NetmapError):
    """netmap was told to stop meanwhile."""

    code = "stopped"


class Unreachable(NetmapError):
    """A VMM server does not answer, refuses the login, or breaks off."""

    code = "unreachable"


class SetupFault(NetmapError):
    """Settings are missing or contradict each other."""

    code = "setup"


class WouldWrite(Exception):
    """What is only read would have to be written; whoever asked may write it and take it back."""
