"""The letters of the encodings before Unicode, each as the Latin-1 text that a modern program shows for it."""

import re
import unicodedata

_TCVN3 = dict(
    zip(
        range(0xA1, 0xFF),
        "ĂÂÊÔƠƯĐăâêôơưđ\0\0\0\0\0\0àảãáạ\0ằẳẵắ\0\0\0\0\0\0\0ặầẩẫấậè\0ẻẽéẹềểễếệìỉ\0\0\0ĩíịò\0ỏõóọồổỗốộờởỡớợù\0ủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
"""TCVN 5712:1993 VN3 ("ABC"), without its own capitals with tones: those are the same codes in a font of capitals."""
TCVN3 = {code: letter for code, letter in _TCVN3.items() if letter != "\0"}

_GRAVE, _ACUTE, _TILDE, _HOOK, _DOT, _HAT, _BREVE = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306"
_VNI_SINGLE = dict(zip("ôöíìæóòîñ", ("ơ", "ư", "í", "ì", "ỉ", "ĩ", "ị", "ỵ", "đ"), strict=True))
_VNI_MARKS = {
    **dict(zip("ùøûõï", (_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT), strict=True)),
    **dict(zip("âáàåãä", (_HAT + tone for tone in ("", _ACUTE, _GRAVE, _HOOK, _TILDE, _DOT)), strict=True)),
    **dict(zip("êéèúüë", (_BREVE + tone for tone in ("", _ACUTE, _GRAVE, _HOOK, _TILDE, _DOT)), strict=True)),
}
_VNI = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])|([{''.join(_VNI_SINGLE)}])", re.IGNORECASE)

_LOST_HORN = re.compile(r"(?<![ưƯ])[ơờởỡớợ](?=c\b|ng\b|u\b)", re.IGNORECASE)
_LOST_WORDS = {"ngời": "người", "dới": "dưới", "nh": "như", "th": "thư", "đầu t": "đầu tư", "thông t": "thông tư"}
_LOST_WORDS |= {lost.capitalize(): word.capitalize() for lost, word in _LOST_WORDS.items()}  # TH is an abbreviation
_LOST_WORD = re.compile(rf"(?<!sáng )\b(?:{'|'.join(_LOST_WORDS)})\b(?! sáng)")


def from_tcvn3(text: str) -> str:
    """TCVN3 (ABC, the fonts .VnTime …).

    Its ư is the code of the soft hyphen, which programs like to drop. No Vietnamese word ends in -ơc, -ơng or -ơu, so
    those get it back, and so do frequent words that without it are none, or seldom one ("sáng ngời").
    """
    letters = text.translate(TCVN3)
    if "\xad" not in text:
        letters = _LOST_HORN.sub(lambda match: ("ư" if match[0].islower() else "Ư") + match[0], letters)
        letters = _LOST_WORD.sub(lambda match: _LOST_WORDS[match[0]], letters)
    return letters


def from_vni(text: str) -> str:
    """Read VNI for Windows (the fonts VNI-Times …), where a mark is a character behind its vowel."""
    return unicodedata.normalize("NFC", _VNI.sub(_vni_letter, text))


def _vni_letter(found: re.Match[str]) -> str:
    if found[3]:
        return _single(found[3])
    return _single(found[1]) + _VNI_MARKS[found[2].lower()]


def _single(letter: str) -> str:
    plain = _VNI_SINGLE.get(letter.lower(), letter.lower())
    return plain.upper() if letter.isupper() else plain


def read_again(encoding: str, text: str) -> str:
    """Decode again, as another encoding, what was read as Windows-1252 or Latin-1. Unfit text stays as it is."""
    try:
        read = b"".join(char.encode("latin-1" if ord(char) < 0x100 else "cp1252") for char in text)
        return unicodedata.normalize("NFC", read.decode(encoding))
    except UnicodeError:
        return text
