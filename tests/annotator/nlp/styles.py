"""Text as other presses have it: interviews, headlines, block quotations, dashes.

Rows are as in `constructions`; each is followed by a near miss.
"""

from __future__ import annotations

STYLES: list[tuple[str, list[str]]] = [
    # Interviews.
    (
        "**Lena Park:** It is closed.\n\n**Tom Ruiz:** For how long?",
        ["It is closed | Lena Park | - | indirect", "For how long? | Tom Ruiz | - | indirect"],
    ),
    ("**Lena Park**: It is closed.", ["It is closed | Lena Park | - | indirect"]),
    ("**Closed for repairs:** The old bridge.", []),
    ("LENA PARK: It is closed.", ["It is closed | LENA PARK | - | indirect"]),
    ("EXCLUSIVE: It is closed.", []),
    (
        "Q: How long will it be closed?\n\nA: Until spring. We hope for May.",
        [
            "How long will it be closed? | Q | - | indirect",
            "Until spring. We hope for May | A | - | indirect",
        ],
    ),
    (
        "Q. How long?\n\nA. Until spring.",
        ["How long? | Q | - | indirect", "Until spring | A | - | indirect"],
    ),
    ("A. J. Lopez built the bridge.", []),
    # Sources behind a dash or a colon.
    (
        "“We will rebuild the harbour” - assured the mayor.",
        ["“We will rebuild the harbour” | the mayor | assured | direct"],
    ),
    (
        "“We will rebuild the harbour” – UN chief",
        ["“We will rebuild the harbour” | UN chief | - | direct"],
    ),
    (
        "'They left us with nothing': families speak out",
        ["'They left us with nothing' | families | - | direct"],
    ),
    ("“The Bridge” – a play about the harbour, in May", []),
    # What a paragraph announces.
    (
        "Here is what Lena Park told us:\n\nIt was never safe. We asked for money for years.",
        ["It was never safe. We asked for money for years | Lena Park | told | direct"],
    ),
    (
        "Lena Park wrote:\n\n> It was never safe.\n\n> We asked for money.\n\nIt rained.",
        ["It was never safe.\n\n> We asked for money | Lena Park | wrote | direct"],
    ),
    ("Here is what the ferry costs:\n\nThree euros for adults.", []),
    # Names with an office or a handle.
    (
        "From Chairwoman Lena Park: It was never safe.",
        ["It was never safe | Chairwoman Lena Park | - | indirect"],
    ),
    (
        "Lena Park (@lenapark) tweeted: It was never safe.",
        ["It was never safe | Lena Park (@lenapark) | tweeted | indirect"],
    ),
    ("Lena Park (@lenapark) left: It was never safe.", []),
    # A sentence on each line.
    (
        "“It was never safe.\nNobody listened,” Lena Park said.\nIt rained.",
        ["“It was never safe.\nNobody listened,” | Lena Park | said | direct"],
    ),
    ("They played “Bridges.”\nNobody came.", []),
    # Dialogue behind dashes.
    (
        "— Since when? asked Lena.\n— Since May, said Tom.",
        ["Since when? | Lena | asked | direct", "Since May, | Tom | said | direct"],
    ),
    ("— Two tins of paint\n— A brush", []),
    # What somebody does, and a colon.
    ("Lena shook her head: “Never.”", ["“Never.” | Lena | shook | direct"]),
    ("Lena bought one thing: “Bridges”.", []),
    # Verbs of other presses.
    (
        "The minister rubbished claims that it was unsafe.",
        ["claims that it was unsafe | The minister | rubbished | indirect"],
    ),
    ("The bin men left rubbish that was unsafe.", []),
    ("He reckons the bridge will hold.", ["the bridge will hold | He | reckons | indirect"]),
    ("He wrecks the bridge.", []),
    (
        "The party, terming it an attack on the town, left.",
        ["it an attack on the town | The party | terming | indirect"],
    ),
    ("The counsel submitted three papers.", []),
    (
        "The counsel submitted that it was illegal.",
        ["that it was illegal | The counsel | submitted | indirect"],
    ),
    (
        "The judge averred that it was illegal.",
        ["that it was illegal | The judge | averred | indirect"],
    ),
    ("“Bridges come and go,” he quipped.", ["“Bridges come and go,” | he | quipped | direct"]),
    (
        "Analysts tipped the bank to raise rates.",
        ["the bank to raise rates | Analysts | tipped | indirect"],
    ),
    ("Analysts tipped the waiter.", []),
    # Colons of headlines.
    ("Mayor: The bridge will stay closed", ["The bridge will stay closed | Mayor | - | indirect"]),
    ("Baker's dozen: thirteen bakers who changed the town", []),
    ("Explained: Why the bridge was closed", []),
    ("In pictures: The storm that closed the bridge", []),
    ("Storm Ada: hundreds of homes without power", []),
    # Who is not to be named.
    (
        "An engineer who asked not to be named said it was never safe.",
        ["it was never safe | An engineer | said | indirect"],
    ),
    (
        "An engineer asked the town to close it.",
        ["to close it | An engineer | asked | indirect"],
    ),
    # Two quotations in one sentence.
    (
        "“Yes,” Lena said, and “no,” Tom replied.",
        ["“Yes,” | Lena | said | direct", "“no,” | Tom | replied | direct"],
    ),
    (
        "“Yes,” Lena said, “and no one will stop us.”",
        ["“Yes,” … “and no one will stop us.” | Lena | said | direct"],
    ),
    (
        "Lena said that “it was never safe” and that “nobody listened.”",
        [
            "that “it was never safe” | Lena | said | mixed",
            "that “nobody listened.” | Lena | said | mixed",
        ],
    ),
    (
        "Lena said that “it was never safe” and “nobody listened.”",
        ["that “it was never safe” and “nobody listened.” | Lena | said | mixed"],
    ),
    # An unclosed mark.
    (
        "“It was never safe. We told them. Tom Ruiz said it was tested twice.",
        [
            "“It was never safe. We told them. | ? | - | direct",
            "it was tested twice | Tom Ruiz | said | indirect",
        ],
    ),
    (
        "“It was never safe. We told them. They said nothing,” Tom Ruiz said.",
        ["“It was never safe. We told them. They said nothing,” | Tom Ruiz | said | direct"],
    ),
]
