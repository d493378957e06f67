"""Names and lines that nobody should need and somebody will send."""

NAMES = (
    *("<!channel>", "R&D <prod>", "`tick`", "🦊 & 🦄", "Rack to Core", "Sits on Top", "a, b"),
    *("אבג LAN", "x\u200by", "\u202egnp.exe", "N" * 200, "🦊" * 200, "&" * 200, "<" * 200),
    *("<@U0ANA0001>", "<#C1|x>", "http://x.example|y", "*b* _i_ ~s~", "@here", "> quote", "a|b"),
    *("M12", "--dry-run", "a → b"),
)
"""Of networks and VMs: as VMM may have them, and each to be found again by its name."""

LINES = (
    *("vm \0", "list \x07", "\x1b[2J", "\u2028", "\ufeff", "\u202e" * 50, " " * 3000, "`"),
    *(
        "<!channel>",
        "&lt;!channel&gt;",
        "<!subteam^S1>",
        "<@U1|x",
        "<<<>>>",
        "<#C1|>",
        "<https://|>",
    ),
    *("&#x41;", "&amp;lt;", "add &quot;a&quot; to b", "vm `web01`"),
    *("vm <https://web01.example|web01.example>", "list " + "z" * 39_000, "x" * 4001),
    *('"' * 4000, "'" * 3999, "`" * 4001, ", " * 1999, "to " * 1300),
    "add " + " to ".join("abcdefghijklmnopqrstuvwxyz") + " to z",
)
"""Said to the bot, whether or not a client of Slack's would send them."""

HALVES = ("\ud800", "vm \udfff\ud800", "add \udc00 to DR-Web")
"""JSON can carry halves of characters; the form that a command is posted as cannot."""
