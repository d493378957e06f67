"""The usage lines of the design's table of commands."""

USAGES = {
    "help": "[<command>]",
    "add": (
        "<source> [on <server>] to <target> [on <server>]"
        " [--test <network>] [--both] [--reason <text>] [--dry-run]"
    ),
    "change": ("<mapping> to <target> [--test <network>|--no-test] [--reason <text>] [--dry-run]"),
    "remove": "<mapping> [--reason <text>] [--dry-run]",
    "list": "[<text>] [--server <server>] [--unmapped]",
    "show": "<mapping|network>",
    "vm": "<name>[, <name>…] [on <server>] [--test]",
    "networks": "[<server>]",
    "servers": "",
    "drift": "[--server <server>]",
    "plan": "[--server <server>]",
    "apply": "<plan>",
    "adopt": "<network>",
    "digest on": ("[here|#channel] <schedule> [in <zone>] [quiet <from>-<to>] [min <severity>]"),
    "digest list": "",
    "digest off": "<id>",
    "digest show": "<id>",
    "digest run": "<id>",
    "ack": "<finding> [for <time>|until <date>] [--reason <text>]",
    "snooze": "<finding> [for <time>|until <date>] [--reason <text>]",
    "history": "[<mapping|network>|@user] [last <time>]",
    "undo": "<change>",
    "status": "",
    "whoami": "",
    "forget": "<server>",
    "home": "<vm> on <server>",
}
