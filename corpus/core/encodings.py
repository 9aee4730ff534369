"""Turn the bytes of any text file into text: by its mark, as UTF-8, as told, or by a guess.

A guess is always named, so that whoever reads the text can say otherwise.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from corpus.core.problems import Problem

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF8 = ("utf-8", "utf-8-sig", "ascii")
# What the HTML standard decodes as windows-1252, by Python's names; its five free bytes are control
# characters there.
WESTERN = ("ascii", "cp1252", "iso8859-1")
FREE = {0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
# No encodings of files: they encode names, or hide what is in them.
ODD = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "mbcs")
# How many bytes a guess looks at.
SAMPLE = 100_000
# At most this share of letters is beyond ASCII where people write in Latin letters.
LATIN_SHARE = 0.4
# One or two zeros are a slip.
FEW_ZEROS = 3
# So many of the letters beyond ASCII must be those of one language.
COVERED = 0.75
WESTERN_LETTERS = (
    "",
    "àâçéèêëîïôùûüÿœæ",
    "äöüßé",
    "áéíóúñüªº",
    "áàâãçéêíóôõúü",
    "àèéìíîòóùú",
    "åäöéü",
    "æøåéèöäüó",
    "ëïéèöüçáó",
    "àçèéíïòóúü",
)
# The letters beyond ASCII of each language that is written in Latin letters, by the encodings in
# which it is; of equal guesses the first is taken.
LATIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", WESTERN_LETTERS),
    (
        "cp1250",
        (
            "ąćęłńóśźż",
            "áčďéěíňóřšťúůýž",
            "áäčďéíĺľňóôŕšťúýž",
            "áéíóöőúüű",
            "ăâîşţ",
            "čćđšž",
        ),
    ),
    ("cp1254", ("çğıöşüâîû",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
    ("mac_roman", WESTERN_LETTERS),
    # Icelandic comes last: without its vowels it cannot be told from Turkish.
    ("cp1252", ("áðéíóúýþæö",)),
)
# The commonest letters of the languages that other encodings of single bytes are for.
COMMON = {
    "cp1251": "оеаинтсрві",
    "koi8_r": "оеаинтсрві",
    "cp866": "оеаинтсрві",
    "cp1253": "αοιετσνηυρ",
    "cp1255": "יוהלארתבמ",
    "cp1256": "اليمونرتب",
}
SEVERAL_BYTES = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
MARKS = frozenset("“”‘’‚„–—…«»‹›€£§°©®™•·¿¡\xa0\xad")
NAMES = {
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "koi8_r": "KOI8-R",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
    "cp866": "IBM866",
    "mac_roman": "Macintosh",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the name of its encoding where that is not UTF-8."""

    text: str
    encoding: str = ""

    @property
    def notes(self) -> dict[str, int]:
        """Return what an article says of it."""
        return noted(self.encoding)


def noted(encoding: str) -> dict[str, int]:
    """Return the note of a text in an encoding; none for UTF-8."""
    return {f"read as {encoding}": 1} if encoding else {}


def decoded(raw: bytes, *, said: str = "", told: str = "") -> Decoded:
    """Decode the bytes of a file.

    `said` is what a person says of texts that are not UTF-8, `told` what the file itself says.
    Raises `Problem` for an encoding that is none, and for bytes that are not in it.
    """
    encoding = encoding_of(raw, said=said, told=told)
    try:
        if codecs.lookup(encoding).name in WESTERN:
            text = raw.decode("cp1252", "surrogateescape").translate(FREE)
        else:
            text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        name = called(encoding) or "UTF-8"
        raise Problem("text-encoding", encoding=name, byte=error.start) from None
    return Decoded(text.removeprefix("\ufeff"), called(encoding))


def encoding_of(raw: bytes, *, said: str = "", told: str = "") -> str:
    """Return Python's name of the encoding of some bytes."""
    if said:
        check(said)
    for bom, encoding in BOMS:
        if raw.startswith(bom):
            return encoding
    # Before UTF-8, in which a letter followed by a zero is well formed too.
    wide = _wide(raw[:SAMPLE]) if len(raw) % 2 == 0 else ""
    if wide:
        return wide
    if _is_utf8(raw):
        return "utf-8"
    if said:
        return said
    if told and _is_known(told) and codecs.lookup(told).name not in UTF8:
        return told
    return _guessed(raw)


def check(name: str) -> None:
    """Raise `Problem` unless this is the name of an encoding of texts."""
    if not _is_known(name):
        raise Problem("encoding-unknown", name=name)


def called(encoding: str) -> str:
    """Return what people call an encoding; "" for UTF-8."""
    name = codecs.lookup(encoding).name.replace("-", "_")
    if name in ("utf_8", "utf_8_sig", "ascii"):
        return ""
    if name in ("iso8859_1", "cp1252"):
        return "Windows-1252"
    if name.startswith("utf"):
        return name[:6].upper().replace("_", "-")
    if name.startswith("cp125"):
        return f"Windows-{name[2:]}"
    return NAMES.get(name, name.upper().replace("_", "-"))


def _is_known(name: str) -> bool:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return bool(found._is_text_encoding) and found.name.replace("-", "_") not in {
        odd.replace("-", "_") for odd in ODD
    }


def _wide(sample: bytes) -> str:
    """Tell UTF-16 without a mark by its zeros, which stand at one side of each pair alone."""
    zeros = sample.count(0)
    if zeros < FEW_ZEROS or zeros * 50 < len(sample):
        return ""
    low = sample[0::2].count(0)
    if low and low != zeros:
        return ""
    return "utf-16-be" if low else "utf-16-le"


def _is_utf8(raw: bytes) -> bool:
    """Tell UTF-8, with some bytes damaged perhaps: read as anything else it would be garbled."""
    try:
        raw.decode()
        return True
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "surrogateescape")
    damaged = len(re.findall("[\udc80-\udcff]", text))
    return len(re.findall("[^\x00-\x7f\udc80-\udcff]", text)) > damaged


def _guessed(raw: bytes) -> str:
    """Return what the bytes look most like; Windows-1252 where nothing tells."""
    sample = _telling(raw)
    high = len(re.findall(rb"[\x80-\xff]", sample))
    letters = len(re.findall(rb"[A-Za-z]", sample))
    if high <= LATIN_SHARE * (high + letters):
        scored = [(_covered(sample, name, of), name) for name, of in LATIN]
        best = max(score for score, _ in scored)
        if best >= COVERED:
            return next(name for score, name in scored if score == best)
    found = from_bytes(sample, cp_isolation=[*COMMON, *SEVERAL_BYTES]).best()
    if found is None:
        return "cp1252"
    if found.encoding in SEVERAL_BYTES:
        return found.encoding
    return max(COMMON, key=lambda name: _common(sample, name))


def _common(sample: bytes, encoding: str) -> float:
    """Return how many letters are the commonest ones of the languages of an encoding."""
    try:
        letters = [sign for sign in sample.decode(encoding).lower() if sign > "\x7f"]
    except UnicodeDecodeError:
        return -1.0
    return sum(map(COMMON[encoding].__contains__, letters)) / max(1, len(letters))


def _telling(raw: bytes) -> bytes:
    """Return the lines with bytes beyond ASCII, as many as a guess needs."""
    found = []
    size = 0
    for line in re.finditer(rb"[^\n]*[\x80-\xff][^\n]*\n?", raw):
        found.append(line[0][:SAMPLE])
        size += len(found[-1])
        if size >= SAMPLE:
            break
    return b"".join(found)


def _covered(sample: bytes, encoding: str, languages: tuple[str, ...]) -> float:
    """Return how many of the signs beyond ASCII are right in the best fitting language."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    right = 0
    letters: list[str] = []
    total = 0
    for found in re.finditer("[^\x00-\x7f]", text):
        sign = found[0]
        total += 1
        before = text[found.start() - 1 : found.start()]
        if sign in MARKS:
            # A mark within a word is a letter in another encoding.
            after = text[found.end() : found.end() + 1]
            right += sign == "’" or not (before.isalpha() and after.isalpha())
        elif not (sign.isupper() and before.islower()):
            letters.append(sign.lower())
    if not total:
        return 1.0
    best = max(sum(map(letters_of.__contains__, letters)) for letters_of in languages)
    return (right + best) / total
