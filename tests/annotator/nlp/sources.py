"""Who says it where no subject stands beside the cue, and where what he or she says ends.

Rows are as in `constructions`; each is followed by a near miss.
"""

from __future__ import annotations

SOURCES: list[tuple[str, list[str]]] = [
    # What tells which one is meant belongs to the speaker.
    (
        "A report released last year found that the bridge was unsafe.",
        ["that the bridge was unsafe | A report released last year | found | indirect"],
    ),
    (
        "A report, released last year, found that the bridge was unsafe.",
        ["that the bridge was unsafe | A report | found | indirect"],
    ),
    (
        "Everybody I asked said the bridge was safe.",
        ["the bridge was safe | Everybody I asked | said | indirect"],
    ),
    (
        "Everybody who crossed it said the bridge was safe.",
        ["the bridge was safe | Everybody | said | indirect"],
    ),
    # A subject that the cue shares with the verb above it.
    ("Lopez was able to condemn the closure.", ["the closure | Lopez | condemn | indirect"]),
    ("Lopez was able to close the bridge.", []),
    (
        "Lopez stopped short of calling the closure unfair.",
        ["the closure unfair | Lopez | calling | indirect"],
    ),
    ("Lopez stopped short of closing the bridge.", []),
    (
        "Lopez continued to criticize the closure.",
        ["the closure | Lopez | criticize | indirect"],
    ),
    ("Lopez continued to close the bridge.", []),
    # A participle that goes on with what somebody says.
    (
        "“It is safe,” Lopez said, going on to say that it would open in May.",
        [
            "“It is safe,” | Lopez | said | direct",
            "that it would open in May | Lopez | say | indirect",
        ],
    ),
    (
        "“It is safe,” Lopez said, going on to the ferry.",
        ["“It is safe,” | Lopez | said | direct"],
    ),
    # The place that a text comes from does not speak.
    (
        "LIMA -- Anna Lopez, the mayor, said the bridge was safe.",
        ["the bridge was safe | Anna Lopez, the mayor | said | indirect"],
    ),
    (
        "LIMA - Anna Lopez said the bridge was safe.",
        ["the bridge was safe | Anna Lopez | said | indirect"],
    ),
    (
        "NASA said the bridge was safe.",
        ["the bridge was safe | NASA | said | indirect"],
    ),
    # A name behind a quotation.
    (
        "“The bridge was never safe.” ― Anna Lopez\n“It was.” ― Eva Park",
        [
            "“The bridge was never safe.” | Anna Lopez | - | direct",
            "“It was.” | Eva Park | - | direct",
        ],
    ),
    (
        "“We will rebuild it!” Lopez's sister, the mayor.",
        ["“We will rebuild it!” | Lopez's sister, the mayor | - | direct"],
    ),
    ("“The bridge” ― a novel", []),
    # Who hears it stands between the cue and its clause.
    (
        "Lopez told a meeting of drivers that the bridge was safe.",
        ["that the bridge was safe | Lopez | told | indirect"],
    ),
    ("Lopez had a meeting with drivers that the police had stopped.", []),
    (
        "Lopez warned drivers to avoid the bridge.",
        ["drivers to avoid the bridge | Lopez | warned | indirect"],
    ),
    ("Lopez hired drivers to avoid the bridge.", []),
    # What is left open is told, what is not said is not.
    (
        "The company has not said when the bridge will open.",
        ["when the bridge will open | The company | said | indirect"],
    ),
    ("The company has not said that the bridge will open.", []),
    # What the writer adds to a thing or concedes is not said.
    (
        "Lopez condemned the closure, which ended on Monday.",
        ["the closure | Lopez | condemned | indirect"],
    ),
    (
        "Lopez condemned the closure which ended on Monday.",
        ["the closure which ended on Monday | Lopez | condemned | indirect"],
    ),
    (
        "Lopez claimed that the bridge was safe, although she never crossed it.",
        ["that the bridge was safe | Lopez | claimed | indirect"],
    ),
    (
        "Lopez said that although it was old, the bridge was safe.",
        ["that although it was old, the bridge was safe | Lopez | said | indirect"],
    ),
    # Where or when something was described, and the next description.
    (
        "Lopez described the bridge as “unsafe” at a debate on Monday.",
        ["the bridge as “unsafe” | Lopez | described | mixed"],
    ),
    (
        "Lopez described the bridge as “unsafe” to drivers.",
        ["the bridge as “unsafe” to drivers | Lopez | described | mixed"],
    ),
    (
        "Lopez condemned it as “late” and a “mistake” for the town.",
        ["it as “late” and a “mistake” for the town | Lopez | condemned | mixed"],
    ),
    # Somebody else says something in the same sentence.
    (
        "Lopez said that it was late, and engineers warned that the bridge was unsafe.",
        [
            "that it was late | Lopez | said | indirect",
            "that the bridge was unsafe | engineers | warned | indirect",
        ],
    ),
    (
        "Lopez said that it was late, and that the bridge was unsafe.",
        ["that it was late, and that the bridge was unsafe | Lopez | said | indirect"],
    ),
    # A paragraph that only announces what somebody says.
    (
        "The mayor added:\n\nIt was never safe. We knew it.",
        ["It was never safe. We knew it | The mayor | added | direct"],
    ),
    ("The mayor added three lanes:\n\nIt was never safe. We knew it.", []),
    # Things said.
    (
        "Lopez referenced a report by engineers.",
        ["a report by engineers | Lopez | referenced | indirect"],
    ),
    ("Lopez read a report by engineers.", []),
    ("Lopez said the same thing.", ["the same thing | Lopez | said | indirect"]),
    ("Lopez did the same thing.", []),
    ("Lopez said a prayer.", []),
]
