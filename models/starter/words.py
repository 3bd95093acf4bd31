"""Tokens and hashed features, the same byte for byte as `models/src/starter/words.rs`.

Golden vectors hold the two together: change both or neither.
"""

from functools import lru_cache

MAX_GRAM_BYTES = 48
JOINERS = ".-_'\u2019"
PAIRS = {'"': '"', "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "`": "`", "'": "'"}
QUOTE_REACH = 400  # characters a quotation may span
# Quotation of a token, as a flag.
OUTSIDE, OPENS, INSIDE, CLOSES = range(4)
FLAGS = 8


def is_word(c):
    """Letters and digits by fixed ranges, so that no two Unicode tables can disagree."""
    n = ord(c)
    if n < 128:
        return c.isalnum()
    return (
        0xC0 <= n <= 0x24F and n not in (0xD7, 0xF7)
        or 0x370 <= n <= 0x1FFF
        or 0x3040 <= n <= 0xD7A3
    )


SPACES = frozenset(" \t\n\r\x0b\x0c\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}


def lower(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def tokens(text):
    """[(start, end)] in characters: words with their inner joiners, and single other signs."""
    found, i, n = [], 0, len(text)
    while i < n:
        c = text[i]
        if c in SPACES:
            i += 1
            continue
        start = i
        i += 1
        if is_word(c):
            while i < n:
                if is_word(text[i]):
                    i += 1
                    continue
                inside = i + 1 < n and is_word(text[i + 1]) and not possessive(text, i)
                number = text[i] == "," and text[i - 1] in "0123456789" and (
                    inside and text[i + 1] in "0123456789"
                )
                if inside and (text[i] in JOINERS or number):
                    i += 2
                    continue
                break
        found.append((start, i))
    return found


def possessive(text, i):
    """Whether `'s` at i ends a word: the name before it is a token of its own."""
    return (
        text[i] in "'\u2019"
        and text[i + 1] in "sS"
        and (i + 2 == len(text) or not is_word(text[i + 2]))
    )


def quotations(text, spans):
    """One of OUTSIDE, OPENS, INSIDE, CLOSES for every token."""
    marks, i = [OUTSIDE] * len(spans), 0
    while i < len(spans):
        j = closing(text, spans, i)
        if j is None:
            i += 1
            continue
        marks[i], marks[j] = OPENS, CLOSES
        for k in range(i + 1, j):
            marks[k] = INSIDE
        i = j + 1
    return marks


def closing(text, spans, i):
    """The token that closes the quotation opened by token i, if it opens one."""
    start, end = spans[i]
    if end - start != 1 or text[start] not in PAIRS:
        return None
    wanted = PAIRS[text[start]]
    free_before = start == 0 or not is_word(text[start - 1])
    tight_after = end < len(text) and text[end] not in SPACES
    if wanted in "'\u2019" and not (free_before and tight_after):
        return None
    for j in range(i + 1, len(spans)):
        at, stop = spans[j]
        if at - start > QUOTE_REACH:
            return None
        if stop - at != 1 or text[at] != wanted:
            continue
        free_after = stop == len(text) or not is_word(text[stop])
        tight_before = text[at - 1] not in SPACES
        if wanted not in "'\u2019" or (free_after and tight_before):
            return j
    return None


def flags(text, spans):
    """Per token: quotation * 2 + (1 where no space stands before it)."""
    marks = quotations(text, spans)
    return [
        mark * 2 + int(start > 0 and text[start - 1] not in SPACES)
        for mark, (start, _) in zip(marks, spans)
    ]


def fnv1a(data):
    h = 0x811C9DC5
    for b in data:
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


def shape(text):
    """Runs of capitals, small letters and digits as A, a, 0; the rest as it is; at most 8."""
    out = ""
    for c in text:
        k = "A" if "A" <= c <= "Z" else "0" if "0" <= c <= "9" else "a" if is_word(c) else c
        if not out.endswith(k):
            out += k
    return out[:8]


@lru_cache(maxsize=None)
def features(token, buckets, grams_weigh=1.0):
    """[(bucket, weight)]: whole word, shape and ending weigh 1; the 3-grams share `grams_weigh`."""
    low = lower(token)
    core = ["w:" + low, "s:" + shape(token)]
    if "." in low[1:]:
        core.append("x:" + low[low.rindex(".") + 1 :])
    framed = ("^" + low + "$").encode()[:MAX_GRAM_BYTES]
    grams = [b"n:" + framed[i : i + 3] for i in range(max(1, len(framed) - 2))]
    pairs = [(fnv1a(c.encode()) % buckets, 1.0) for c in core]
    return tuple(pairs + [(fnv1a(g) % buckets, grams_weigh / len(grams)) for g in grams])


def subwords(text):
    """Words of a label or a file name, lower case: `TaxNotes_2019.txt` -> tax notes 2019 txt."""
    out, word, before = [], "", ""
    for c in text:
        if not is_word(c):
            out.append(word)
            word, before = "", ""
            continue
        kind = "A" if "A" <= c <= "Z" else "0" if "0" <= c <= "9" else "a"
        if word and ((kind == "A" and before == "a") or (kind == "0") != (before == "0")):
            out.append(word)
            word = ""
        word += c
        before = kind
    out.append(word)
    return [lower(w) for w in out if w]
