"""Speech that is reported in gerunds, nouns, passives, hearsay and fronted parts.

Rows are as in `constructions`; each is followed by a near miss.
"""

from __future__ import annotations

REPORTED: list[tuple[str, list[str]]] = [
    # A gerund, an object that is to do something.
    (
        "Lopez proposed closing the bridge.",
        ["closing the bridge | Lopez | proposed | indirect"],
    ),
    ("Lopez kept closing the bridge.", []),
    (
        "Lopez called for female drivers to use the ferry.",
        ["female drivers to use the ferry | Lopez | called for | indirect"],
    ),
    ("Lopez waited for drivers to use the ferry.", []),
    ("The bank raised rates.", []),
    # Nouns with of, about or on.
    (
        "France unveiled a proposal for a second bridge.",
        ["a second bridge | France | proposal for | indirect"],
    ),
    ("The council had a good year for a small town.", []),
    (
        "His comments about the bridge were short.",
        ["the bridge | His | comments about | indirect"],
    ),
    ("His speech on Tuesday was short.", []),
    # Passives and participles with by.
    (
        "The new bridge was proposed by Maria Lopez.",
        ["The new bridge | Maria Lopez | proposed | indirect"],
    ),
    (
        "The bridge proposed by Maria Lopez was never built.",
        ["The bridge | Maria Lopez | proposed | indirect"],
    ),
    ("The new bridge was built by Maria Lopez.", []),
    # A clause behind an adverbial.
    (
        "Lopez said after the vote she would stay.",
        ["after the vote she would stay | Lopez | said | indirect"],
    ),
    ("Lopez left after the vote, when she was sure.", []),
    # What stands before an inserted reporting clause.
    (
        "If it rains, Lopez said, the bridge will stay closed.",
        ["If it rains … the bridge will stay closed | Lopez | said | indirect"],
    ),
    (
        "It was, the mayor said, “a bridge on which three people had died.”",
        ["It was … “a bridge on which three people had died.” | the mayor | said | mixed"],
    ),
    (
        "On Monday, Lopez said, “The bridge is safe.”",
        ["“The bridge is safe.” | Lopez | said | direct"],
    ),
    # Words that tie a sentence to the one before are the writer's.
    ("But the bridge is safe, Lopez said.", ["the bridge is safe | Lopez | said | indirect"]),
    ("Butter is dear, Lopez said.", ["Butter is dear | Lopez | said | indirect"]),
    # Hearsay.
    (
        "The company has reportedly closed the bridge.",
        ["The company has … closed the bridge | UNKNOWN | reportedly | indirect"],
    ),
    ("The company has recently closed the bridge.", []),
    # A verb that goes on with the reporting one.
    (
        "Lopez said she would stay and called the vote a mistake.",
        [
            "she would stay | Lopez | said | indirect",
            "the vote a mistake | Lopez | called | indirect",
        ],
    ),
    (
        "Lopez said she would stay and call a vote.",
        ["she would stay and call a vote | Lopez | said | indirect"],
    ),
    # A verb that looks like a noun.
    ("But Trump claims that it is safe.", ["that it is safe | Trump | claims | indirect"]),
    # What the writer adds behind a comma.
    (
        "Lopez said she was sure, citing a report by engineers.",
        [
            "she was sure | Lopez | said | indirect",
            "a report by engineers | Lopez | citing | indirect",
        ],
    ),
    (
        "Lopez said the bridge was safe, costing less than the ferry.",
        ["the bridge was safe, costing less than the ferry | Lopez | said | indirect"],
    ),
]
