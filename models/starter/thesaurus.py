"""What interfaces call things and what people call them: `thesaurus/*.txt`, read and composed.

A concept is a set of labels and of phrases for it. A composed label (`Show hidden columns`) is made
of groups of words that mean the same, and its phrase of other words of the same groups.
"""

import pathlib
import re
from dataclasses import dataclass

from words import fnv1a, subwords

FOLDER = pathlib.Path(__file__).parent / "thesaurus"
HELD_CONCEPTS = 8  # one in eight is never trained on
HELD_PHRASES = 5  # of the others, one phrase in five
HELD_WORDS = 6  # one in six of the words that mean the same


@dataclass
class Concept:
    labels: list
    phrases: list
    names: frozenset  # all that it may be called, in words


def spelled(text):
    return " ".join(subwords(text)) or text.strip().lower()


def lines(name):
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def is_held(key, share):
    return fnv1a(("held:" + key).encode()) % share == 0


def concepts():
    """Every concept of the files; those that share their first label are one."""
    found = {}
    for path in sorted(FOLDER.glob("*.txt")):
        if path.name == "synonyms.txt":
            continue
        for line in lines(path.name):
            labels, _, phrases = line.partition(" :: ")
            labels = [re.sub("_(?=[A-Za-z])", "", label.strip()) for label in labels.split("|")]
            labels = [label for label in dict.fromkeys(labels) if label]
            said = [phrase.strip() for phrase in phrases.split("|") if phrase.strip()]
            at = found.setdefault(spelled(labels[0]), ([], []))
            at[0].extend(label for label in labels if label not in at[0])
            at[1].extend(phrase for phrase in said if phrase not in at[1])
    return [
        Concept(labels, said, frozenset(map(spelled, labels + said)))
        for labels, said in found.values()
    ]


def halves(held):
    """The concepts to draw things from, and [(concept, phrases)] to ask for: of the held half, all
    phrases of held concepts and some of the others; of the trained half, what is left."""
    asked = []
    all_concepts = concepts()
    for concept in all_concepts:
        if is_held(concept.labels[0], HELD_CONCEPTS):
            said = concept.phrases if held else []
        else:
            said = [p for p in concept.phrases if is_held(p, HELD_PHRASES) == held]
        if said:
            asked.append((concept, said))
    things = all_concepts if held else [c for c, _ in asked]
    return things, asked


def everything():
    found = concepts()
    return found, [(c, c.phrases) for c in found]


class Groups:
    """Words that mean the same, by what they are: verbs, and the rest."""

    def __init__(self, held):
        self.verbs, self.nouns = [], []
        for line in lines("synonyms.txt"):
            kind, _, words = line.partition(": ")
            words = [w.strip() for w in words.split("|")]
            if held is not None:
                words = words[:1] + [w for w in words[1:] if is_held(words[0] + ":" + w, HELD_WORDS) == held]
            if len(words) > 1:
                (self.verbs if kind == "v" else self.nouns).append(words)
        # For a word in the middle of a phrase.
        self.same = {}
        for words in self.verbs + self.nouns:
            for word in words:
                self.same.setdefault(word, []).extend(w for w in words if w != word)


VERBS = """save store keep write open load choose create make start add give change edit call delete
remove erase get throw put discard empty clear purge cut copy paste insert duplicate clone select mark
undo take revert redo repeat restore find search look replace substitute exchange swap jump go print
send see close shut dismiss quit exit leave end confirm accept agree abort cancel apply use lose
overwrite show configure adjust update refresh reload stop halt interrupt zoom enlarge shrink reset
fill display reveal view wrap break number check pick arrange sort order hide minimise minimize
maximise maximize log sign turn switch restart reboot lock multiply divide subtract wipe reply answer
attach download fetch upload install bring play pause hold mute silence record remember unpack
extract compress pack set let tell read begin pull push drop type draw paint rotate flip come carry
work run try ask forget skip join split merge move shift post deliver mail share export import
highlight grab chop trim crop order pay buy browse surf visit compare convert calculate count""".split()
VERBS = frozenset(VERBS)
THIRD = {"do": "does", "go": "goes", "have": "has", "undo": "undoes", "redo": "redoes"}
DOUBLED = frozenset("cut quit stop put get log set let run drop trim swap chop skip begin split hit".split())


def is_deed(phrase):
    return phrase.split(" ")[0] in VERBS


def third(phrase):
    """`saves the file` of `save the file`."""
    first, _, rest = phrase.partition(" ")
    if first in THIRD:
        first = THIRD[first]
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        first = first[:-1] + "ies"
    else:
        first += "es" if first.endswith(("x", "ch", "sh", "ss", "o")) else "s"
    return f"{first} {rest}".strip()


def gerund(phrase):
    """`saving the file` of `save the file`."""
    first, _, rest = phrase.partition(" ")
    if first in DOUBLED:
        first += first[-1]
    elif first.endswith("e") and first[-2:] != "ee" and len(first) > 2:
        first = first[:-1]
    return f"{first}ing {rest}".strip()


if __name__ == "__main__":
    found = concepts()
    groups = Groups(None)
    print(len(found), "concepts,", sum(len(c.labels) for c in found), "labels,",
          sum(len(c.phrases) for c in found), "phrases,", len(groups.verbs), "verbs,", len(groups.nouns), "nouns")
