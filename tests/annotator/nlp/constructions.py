"""Short passages written for the tests, one construction each, with the frames that the rules must
find.

To add one, write the text and what it says, a line for each claim: the claim (` … ` between
fragments), its speaker (several with ` + `; UNKNOWN when a passive names none, ? when none is
found, AUTHOR for the writer), its cue (`-` for none), its kind.
"""

from __future__ import annotations

CONSTRUCTIONS: list[tuple[str, list[str]]] = [
    # Direct speech.
    (
        "“The bridge is safe,” Maria Lopez said.",
        ["“The bridge is safe,” | Maria Lopez | said | direct"],
    ),
    (
        "“The bridge is safe,” said Maria Lopez.",
        ["“The bridge is safe,” | Maria Lopez | said | direct"],
    ),
    (
        "Maria Lopez said: “The bridge is safe.”",
        ["“The bridge is safe.” | Maria Lopez | said | direct"],
    ),
    (
        "Maria Lopez said, “The bridge is safe.”",
        ["“The bridge is safe.” | Maria Lopez | said | direct"],
    ),
    (
        "'The bridge is safe,' the mayor told reporters.",
        ["'The bridge is safe,' | the mayor | told | direct"],
    ),
    (
        '"The bridge is safe," the mayor told reporters.',
        ['"The bridge is safe," | the mayor | told | direct'],
    ),
    (
        "''The bridge is safe,'' the mayor said.",
        ["''The bridge is safe,'' | the mayor | said | direct"],
    ),
    (
        "‘The bridge is safe,’ the mayor said.",
        ["‘The bridge is safe,’ | the mayor | said | direct"],
    ),
    (
        "« The bridge is safe », the mayor said.",
        ["« The bridge is safe » | the mayor | said | direct"],
    ),
    (
        "“The bridge is safe,” Lopez said. “We tested it twice.”",
        [
            "“The bridge is safe,” | Lopez | said | direct",
            "“We tested it twice.” | Lopez | - | direct",
        ],
    ),
    (
        "“The bridge is safe,” Lopez said, “and we tested it twice.”",
        ["“The bridge is safe,” … “and we tested it twice.” | Lopez | said | direct"],
    ),
    (
        "“The bridge,” said Lopez, “is safe.”",
        ["“The bridge,” … “is safe.” | Lopez | said | direct"],
    ),
    (
        "“The bridge is safe,” said Lopez, the town's engineer, on Monday.",
        ["“The bridge is safe,” | Lopez, the town's engineer | said | direct"],
    ),
    ("“The bridge is safe.”", ["“The bridge is safe.” | ? | - | direct"]),
    ("“Is the bridge safe?” Lopez asked.", ["“Is the bridge safe?” | Lopez | asked | direct"]),
    (
        "Lopez was calm. “The bridge is safe,” he said.",
        ["“The bridge is safe,” | he | said | direct"],
    ),
    ("“Eleven years old!” Lopez shook her head.", ["“Eleven years old!” | Lopez | shook | direct"]),
    (
        "“The bridge is safe,” Lopez said.\n\n“We tested it twice this week.”",
        [
            "“The bridge is safe,” | Lopez | said | direct",
            "“We tested it twice this week.” | Lopez | - | direct",
        ],
    ),
    (
        "The mayor tweeted: “The bridge is closed.”",
        ["“The bridge is closed.” | The mayor | tweeted | direct"],
    ),
    (
        "The letter reads: “The bridge is unsafe.”",
        ["“The bridge is unsafe.” | The letter | reads | direct"],
    ),
    (
        "She had one more thing to say:\n\n“The bridge is not going to last the winter.”",
        ["“The bridge is not going to last the winter.” | She | say | direct"],
    ),
    # A quotation over several paragraphs.
    (
        "“The bridge was old.\n\n“It was never safe,” Lopez said.",
        ["“The bridge was old.\n\n“It was never safe,” | Lopez | said | direct"],
    ),
    (
        "Lopez said: “The bridge was old.\n\n“It was never safe.\n\n“We told them.”",
        ["“The bridge was old.\n\n“It was never safe.\n\n“We told them.” | Lopez | said | direct"],
    ),
    (
        "“The bridge was old.”\n\n“It was never safe,” Lopez said.",
        [
            "“The bridge was old.” | ? | - | direct",
            "“It was never safe,” | Lopez | said | direct",
        ],
    ),
    (
        '"LOPEZ: The bridge was old and nobody cared.\n\n"RASK: We cared about it all along."',
        [
            "The bridge was old and nobody cared. | LOPEZ | - | direct",
            "We cared about it all along. | RASK | - | direct",
        ],
    ),
    # Unusual order.
    ("Said Ellis: “The bridge is safe.”", ["“The bridge is safe.” | Ellis | Said | direct"]),
    ("“No,” said Lopez.", ["“No,” | Lopez | said | direct"]),
    (
        "“No,” said Lopez. “Never.”",
        ["“No,” | Lopez | said | direct", "“Never.” | Lopez | - | direct"],
    ),
    (
        "“Tonight,” he said. “Have you got one?”",
        ["“Tonight,” | he | said | direct", "“Have you got one?” | he | - | direct"],
    ),
    # Mixed speech.
    (
        "The mayor accused the company of “lying to a child.”",
        ["the company of “lying to a child.” | The mayor | accused | mixed"],
    ),
    (
        "Lopez said the bridge was “perfectly safe.”",
        ["the bridge was “perfectly safe.” | Lopez | said | mixed"],
    ),
    (
        "Lopez added that “nobody should worry” about the bridge.",
        ["that “nobody should worry” about the bridge | Lopez | added | mixed"],
    ),
    (
        "The mayor described Lopez as “a fool with a plan.”",
        ["Lopez as “a fool with a plan.” | The mayor | described | mixed"],
    ),
    (
        "The town lost a bridge that Lopez described as “a jewel.”",
        ["“a jewel.” | Lopez | described | mixed"],
    ),
    # A clause.
    (
        "Crews found that the bridge was unsafe.",
        ["that the bridge was unsafe | Crews | found | indirect"],
    ),
    (
        "Lopez said that the bridge was safe.",
        ["that the bridge was safe | Lopez | said | indirect"],
    ),
    ("Lopez said the bridge was safe.", ["the bridge was safe | Lopez | said | indirect"]),
    ("The bridge was safe, Lopez said.", ["The bridge was safe | Lopez | said | indirect"]),
    ("The bridge, Lopez said, was safe.", ["The bridge … was safe | Lopez | said | indirect"]),
    (
        "At dawn, she said, the gates close, and nobody may pass.",
        ["At dawn … the gates close, and nobody may pass | she | said | indirect"],
    ),
    (
        "Lopez said on Tuesday that the bridge was safe.",
        ["that the bridge was safe | Lopez | said | indirect"],
    ),
    (
        "She wrote in a letter to the mayor that the bridge was unsafe.",
        ["that the bridge was unsafe | She | wrote | indirect"],
    ),
    (
        "Officials say the bridge will reopen in May.",
        ["the bridge will reopen in May | Officials | say | indirect"],
    ),
    (
        "The police asked whether the driver had slept.",
        ["whether the driver had slept | The police | asked | indirect"],
    ),
    (
        "The company denied that the bridge was unsafe.",
        ["that the bridge was unsafe | The company | denied | indirect"],
    ),
    (
        "Maria Lopez, citing the report, said the bridge was unsafe.",
        [
            "the report | Maria Lopez | citing | indirect",
            "the bridge was unsafe | Maria Lopez | said | indirect",
        ],
    ),
    (
        "The engineer, who said the bridge was safe, has left.",
        ["the bridge was safe | who | said | indirect"],
    ),
    (
        "The company said it did not know who had opened the gates.",
        ["it did not know who had opened the gates | The company | said | indirect"],
    ),
    # A clause is not cut short.
    (
        "Lopez said the bridge was old and the river was high.",
        ["the bridge was old and the river was high | Lopez | said | indirect"],
    ),
    (
        "Lopez said that the bridge was safe and that the tests went well.",
        ["that the bridge was safe and that the tests went well | Lopez | said | indirect"],
    ),
    (
        "Lopez said the bridge was safe; the river, he added, was not.",
        ["the bridge was safe; the river, he added, was not | Lopez | said | indirect"],
    ),
    (
        "Lopez said there were two reasons: the bridge was old, and the river was high.",
        [
            "there were two reasons: the bridge was old, and the river was high | Lopez | "
            "said | indirect"
        ],
    ),
    (
        "Lopez said one thing was clear: “The bridge is safe.”",
        ["one thing was clear: “The bridge is safe.” | Lopez | said | mixed"],
    ),
    (
        "She said that the bridge was safe, and warned that the river was rising.",
        [
            "that the bridge was safe | She | said | indirect",
            "that the river was rising | She | warned | indirect",
        ],
    ),
    (
        "He praised the crew and called for an inquiry.",
        ["the crew | He | praised | indirect", "an inquiry | He | called for | indirect"],
    ),
    (
        "Lopez said the bridge was safe, adding that tests went well.",
        [
            "the bridge was safe | Lopez | said | indirect",
            "that tests went well | Lopez | adding | indirect",
        ],
    ),
    (
        "Critics say the plan is too dear, while supporters say it is cheap.",
        [
            "the plan is too dear | Critics | say | indirect",
            "it is cheap | supporters | say | indirect",
        ],
    ),
    (
        "Experts warned, as the mayor did, that the bridge was unsafe.",
        ["that the bridge was unsafe | Experts | warned | indirect"],
    ),
    # Relative clauses.
    (
        "Lopez opened the bridge, which he said was perfectly safe.",
        ["which … was perfectly safe | he | said | indirect"],
    ),
    (
        "The mayor bought a boat, which she said would help the town.",
        ["which … would help the town | she | said | indirect"],
    ),
    # Questions put to somebody.
    (
        "Asked whether she would resign, Lopez replied that she would stay.",
        ["that she would stay | Lopez | replied | indirect"],
    ),
    (
        "Asked about the bridge, Lopez said: “It is closed for good today.”",
        ["“It is closed for good today.” | Lopez | said | direct"],
    ),
    # An infinitive.
    (
        "Lopez promised to repair the bridge.",
        ["to repair the bridge | Lopez | promised | indirect"],
    ),
    (
        "The union urged the council to repair the bridge.",
        ["the council to repair the bridge | The union | urged | indirect"],
    ),
    ("Lopez told the crew to leave the bridge.", ["to leave the bridge | Lopez | told | indirect"]),
    # An object.
    (
        "Residents complained about the noise.",
        ["the noise | Residents | complained about | indirect"],
    ),
    ("The union called for a new bridge.", ["a new bridge | The union | called for | indirect"]),
    ("The mayor criticized the company.", ["the company | The mayor | criticized | indirect"]),
    (
        "The union's chief negotiator, Karol Weiss, rejected the offer.",
        ["the offer | The union's chief negotiator, Karol Weiss | rejected | indirect"],
    ),
    (
        "The mayor accused the company of lying.",
        ["the company of lying | The mayor | accused | indirect"],
    ),
    (
        "The prosecutor accused Rask of hiding it.",
        ["Rask of hiding it | The prosecutor | accused | indirect"],
    ),
    (
        "Officials warned of floods along the river.",
        ["floods along the river | Officials | warned of | indirect"],
    ),
    (
        "Lopez issued a statement calling the closure “a mistake of the first order.”",
        ["the closure “a mistake of the first order.” | Lopez | calling | mixed"],
    ),
    # Called something, described as something.
    ("The mayor called him a liar.", ["him a liar | The mayor | called | indirect"]),
    (
        "The mayor called the engineer a liar and a thief.",
        ["the engineer a liar and a thief | The mayor | called | indirect"],
    ),
    (
        "The mayor dubbed the bridge “a disaster.”",
        ["the bridge “a disaster.” | The mayor | dubbed | mixed"],
    ),
    (
        "The mayor described the bridge as a disgrace.",
        ["the bridge as a disgrace | The mayor | described | indirect"],
    ),
    # A noun.
    (
        "His claim that the bridge is safe was rejected.",
        ["that the bridge is safe | His | claim | indirect"],
    ),
    (
        "There was a call from the union to close the bridge.",
        ["to close the bridge | the union | call | indirect"],
    ),
    # The passive.
    ("Rask was accused of lying.", ["Rask … lying | UNKNOWN | accused of | indirect"]),
    (
        "Lopez was told that the bridge was closed.",
        ["that the bridge was closed | UNKNOWN | told | indirect"],
    ),
    (
        "Rask was praised for his patience.",
        ["Rask … his patience | UNKNOWN | praised for | indirect"],
    ),
    # According to.
    (
        "According to the police, the driver had slept.",
        ["the driver had slept | the police | According to | indirect"],
    ),
    (
        "The driver had slept, according to the police.",
        ["The driver had slept | the police | according to | indirect"],
    ),
    (
        "The bridge will reopen in May, according to a person close to the talks.",
        ["The bridge will reopen in May | a person close to the talks | according to | indirect"],
    ),
    # A name and a colon.
    ("LOPEZ: The bridge is safe.", ["The bridge is safe | LOPEZ | - | indirect"]),
    # Headlines.
    (
        "Town closes bridge after storm, officials say",
        ["Town closes bridge after storm | officials | say | indirect"],
    ),
    (
        "Bridge to reopen in May, sources say",
        ["Bridge to reopen in May | sources | say | indirect"],
    ),
    (
        "Bridge to stay shut all winter, engineer warns",
        ["Bridge to stay shut all winter | engineer | warns | indirect"],
    ),
    (
        "Town closes bridge\nMayor Maria Lopez said the bridge was old.",
        ["the bridge was old | Mayor Maria Lopez | said | indirect"],
    ),
    (
        "Storm hits coast\n6:45 p.m.\nLopez said the bridge was closed.",
        ["the bridge was closed | Lopez | said | indirect"],
    ),
    # Who speaks.
    (
        "The mayor and the harbour master said nobody would sleep well.",
        ["nobody would sleep well | The mayor + the harbour master | said | indirect"],
    ),
    (
        "“Nobody will sleep well,” said the mayor and the harbour master.",
        ["“Nobody will sleep well,” | the mayor + the harbour master | said | direct"],
    ),
    (
        "Police and fire officials said nobody was hurt.",
        ["nobody was hurt | Police and fire officials | said | indirect"],
    ),
    (
        "It was said that the money had been promised elsewhere.",
        ["that the money had been promised elsewhere | UNKNOWN | said | indirect"],
    ),
    ("Rask is accused of fraud.", ["Rask … fraud | UNKNOWN | accused of | indirect"]),
    (
        "I think that the bridge is a mistake.",
        ["that the bridge is a mistake | AUTHOR | think | indirect"],
    ),
    (
        "“I think that the bridge is a mistake,” Lopez said.",
        ["“I think that the bridge is a mistake,” | Lopez | said | direct"],
    ),
    # No claim.
    ("The company declined to comment.", []),
    ("The company did not immediately respond to a request for comment.", []),
    ("Lopez declined to say whether the bridge was safe.", []),
    ("The bridge was closed on Monday.", []),
    ("They watched “The Bridge” on Monday.", []),
    ("Hundreds joined the “Close the Bridge” march on Monday.", []),
    ("She carried a brochure called “Late and Happy” to the meeting.", []),
    ("The crack, known as “the Smile,” is growing.", []),
    ("Leave a Comment", []),
    ("Police closed the bridge after what witnesses heard.", []),
    # Damaged text.
    ("The bridge is safe,” Lopez said.", ["The bridge is safe,” | Lopez | said | direct"]),
    (
        "The storm ended. The bridge is safe,” said Lopez.",
        ["The bridge is safe,” | Lopez | said | direct"],
    ),
    ("“The bridge is safe,”Lopez said.", ["“The bridge is safe,” | Lopez | said | direct"]),
    ("“The bridge is safe, Lopez said.", ["“The bridge is safe, | Lopez | said | direct"]),
    (
        "The storm ended.Lopez said the bridge was safe.",
        ["the bridge was safe | Lopez | said | indirect"],
    ),
    (
        "Lopez said the bridge was safe.The storm ended.",
        ["the bridge was safe | Lopez | said | indirect"],
    ),
    (
        "Lopez\u00a0said the\u00a0bridge was safe.",
        ["the\u00a0bridge was safe | Lopez | said | indirect"],
    ),
    (
        "Lopez  said that\nthe bridge was safe.",
        ["that\nthe bridge was safe | Lopez | said | indirect"],
    ),
    (
        "Lopez said the bri\u00addge was safe.",
        ["the bri\u00addge was safe | Lopez | said | indirect"],
    ),
    ("“The bridge is safe 😀,” Lopez said.", ["“The bridge is safe 😀,” | Lopez | said | direct"]),
    (
        "Lopez said the bridge was safe,and he left.",
        ["the bridge was safe | Lopez | said | indirect"],
    ),
    (
        "Lopez said“the bridge is safe” again.",
        ["“the bridge is safe” again | Lopez | said | mixed"],
    ),
    ("Lopez said the bridge was safe..", ["the bridge was safe | Lopez | said | indirect"]),
    (
        "“The bridge is entirely safe,” Lopez. The storm ended.",
        ["“The bridge is entirely safe,” | Lopez | - | direct"],
    ),
    (
        (
            "The bridge was closed over safety fearsTwo engineers familiar with the matter "
            "told Acme News."
        ),
        [
            "The bridge was closed over safety fears | Two engineers familiar with the "
            "matter | told | indirect"
        ],
    ),
    (
        (
            "“The bridge is entirely safe,” Lopez said. “We tested it twice.\n\nThe storm "
            "ended on Monday."
        ),
        [
            "“The bridge is entirely safe,” | Lopez | said | direct",
            "“We tested it twice. | Lopez | - | direct",
        ],
    ),
    (
        "Lopez said the report at www.example.org/safeBridge was wrong.",
        ["the report at www.example.org/safeBridge was wrong | Lopez | said | indirect"],
    ),
]
