"""Phrases among the things of a screen, for the matcher's training.

A batch is a pool of things, and phrases that each see some of them: the meant one, those that are
easily taken for it, and others. In one batch in two the things are as eyes find them in pixels:
mostly bare text, a little misread.
"""

import random
from dataclasses import dataclass, field

import thesaurus
from labels import Files
from thesaurus import gerund, is_deed, spelled, third

TREE_ROLES = ["push button"] * 2 + ["button"] * 5 + ["menu item"] * 4 + ["menu"] * 2 + [
    "toggle button", "toggle button", "check menu item", "check box", "check box", "check box",
    "radio button", "entry", "text", "combo box", "link", "page tab", "page tab", "icon",
    "spin button", "label", "table column header", "list item", "slider"]
SEEN_ROLES = ["text"] * 16 + ["push button"] * 4 + ["menu item"] * 2 + ["page tab", "page tab", "entry",
                                                                        "check box", "radio button"]
BYSTANDERS = ["label", "label", "static", "static", "alert", "document web", "panel", "filler", "frame", "tool bar", "table", "scroll pane",
              "page tab list", "heading", "section", "dialog", "grouping", "status bar", "paragraph"]
ROLE_WORDS = {
    "push button": ["button"] * 3 + ["key"], "button": ["button"] * 3 + ["key"],
    "menu item": ["menu item", "menu entry", "entry", "item", "command"], "menu": ["menu"],
    "check menu item": ["menu item", "entry", "option"], "toggle button": ["button", "toggle"],
    "check box": ["check box", "checkbox", "box", "tick box", "option", "setting", "tick"],
    "radio button": ["radio button", "option", "choice", "button"],
    "entry": ["field", "text field", "input", "box", "text box", "line"],
    "text": ["field", "text field", "text", "box"], "spin button": ["field", "number", "number field"],
    "combo box": ["drop-down list", "list", "drop-down", "chooser", "choice", "selection", "combo box"],
    "link": ["link"], "page tab": ["tab", "page", "tab"], "icon": ["icon"], "label": ["label", "text"],
    "table column header": ["column", "header"], "list item": ["item", "entry", "row"],
    "slider": ["slider", "regulator"],
}
FIELDS = ("entry", "text", "spin button", "combo box")
TICKS = ("check box", "radio button", "check menu item", "toggle button")
PLAIN = "said as it is"
DEED_FRAMES = [
    "{x}", "{x}", "{x}", "{x}", "{x}", "{x}", "{x}", "{x}", "the {r} that {t}", "the {r} that {t}", "the {r} to {x}",
    "{r} to {x}", "the {r} for {g}", "the thing for {g}", "something to {x}", "what {t}",
    "the one that {t}", "I want to {x}", "how do I {x}", "where I can {x}", "{x} please", "the option to {x}",
    "please {x}", "let me {x}", "the {r} I need to {x}", "the command for {g}", "{g}", "a way to {x}",
    "{r} that lets me {x}", "{r} for {g}", "to {x}", "the {r} with which to {x}", "where to {x}",
]
NAME_FRAMES = ["{x}"] * 8 + ["the {x}"] * 4 + [
    "the {x} {r}", "{x} {r}", "the {r} for {x}", "the {r} {x}", "the {r} called {x}", "the {r} about {x}",
    "the {r} with {x}", "{x} please", "the {r} of the {x}", "show the {x}", "where is {x}", "go to {x}",
    "the {r} that says {x}", "the {r} which says {x}", "the {r} labelled {x}", "something about {x}",
]
PRESSES = ["click {x}", "click on {x}", "press {x}", "choose {x}", "select {x}", "hit {x}", "open {x}", "push {x}",
           "use {x}"]
FIELD_FRAMES = ["type {x}", "enter {x}", "the {r} for the {x}", "where I type the {x}", "where the {x} goes",
                "fill in the {x}", "the {r} to enter the {x}", "the {r} that takes the {x}", "set the {x}",
                "where {x} is entered", "the {r} where the {x} is set", "the value of {x}", "the {r} with the {x}",
                "change the {x}", "choose the {x}"]
TICK_FRAMES = ["tick {x}", "check {x}", "switch {x} on", "turn off {x}", "turn on {x}", "untick {x}",
               "the {r} whether to {x}", "the {r} for {x}", "toggle {x}", "enable {x}", "disable {x}"]
HINTS = ["toolbar", "menu", "dialog", "File", "Edit", "View", "Tools", "Options", "General", "not set", "0", "100%"]
CONFUSED = [("l", "I"), ("I", "l"), ("O", "0"), ("0", "O"), ("rn", "m"), ("m", "rn"), ("c", "ç"), ("e", "c"),
            ("i", "l"), ("t", "f"), ("S", "s"), ("a", "o"), (" ", ""), ("g", "q")]


@dataclass
class Asked:
    phrase: str
    meant: int  # in the pool
    near: list  # places in the pool of what is easily taken for it
    names: frozenset = field(default_factory=frozenset)  # things of these names are no others


@dataclass
class Episode:
    phrase: str
    candidates: list  # (role, name, context)
    gold: int  # -1 where nothing fits


class Screens:
    """What is asked for of one half; `held` is None for all there is."""

    def __init__(self, rng, held=False):
        self.rng, self.held = rng, held
        self.files = Files(rng, bool(held))
        self.known, self.asked = thesaurus.everything() if held is None else thesaurus.halves(held)
        self.groups = thesaurus.Groups(held)
        self.labels = thesaurus.Groups(None)  # heads of all groups, for labels
        self.is_seen = False
        self.titles = ["desk"]

    # What things are like

    def title(self):
        r, words = self.rng, self.files.words
        name = self.files.spelled(self.files.stem(), False)[0]
        program = r.choice(["Editor", "Files", "Browser", "Calculator", "Preferences", "Settings", "Viewer",
                            words.word().capitalize(), words.word().capitalize() + " " + words.word().capitalize()])
        return r.choice([program, f"{name} - {program}", f"{program} Preferences", f"{name} — {program}", program.lower()])

    def role(self):
        return self.rng.choice(SEEN_ROLES if self.is_seen else TREE_ROLES)

    def context(self, hint=""):
        r = self.rng
        if self.is_seen:
            return "seen"
        kind = r.random()
        title = r.choice(self.titles)
        if kind < 0.6:
            return title
        if kind < 0.72:
            return ""
        if kind < 0.84:
            return f"{r.choice(HINTS)}; {title}"
        if kind < 0.92 and hint:
            return f"{hint}; {title}"
        return f"Ctrl+{r.choice('ABCDEFGHNOPQRSTUVWXZ+-0')}"

    def drawn(self, name):
        """A name as it stands on the screen."""
        r = self.rng
        if r.random() < 0.06:
            name = name.lower() if r.random() < 0.7 else name.title()
        if r.random() < 0.08 and name[-1:].isalpha():
            name += r.choice(["...", "…", ":", "…"])
        if not self.is_seen:
            return name
        kind = r.random()
        if kind < 0.06 and len(name) > 3:
            wrong, read = r.choice(CONFUSED)
            name = name.replace(wrong, read, 1)
        elif kind < 0.12:
            name += " " + r.choice(["Ctrl+", "Shift+Ctrl+", "Alt+"]) + r.choice("ABCDEFGHNOPQRSTUVWXZ")
        elif kind < 0.15 and len(name) > 8:
            name = name[: r.randint(5, len(name) - 2)]
        elif kind < 0.18:
            name = r.choice(["o ", "- ", "v ", "□ ", "• "]) + name
        elif kind < 0.20:
            name += " " + self.label()
        return name

    def label(self):
        return self.rng.choice(self.rng.choice(self.known).labels)

    def thing(self, label, role=None, hint=""):
        return (role or self.role(), self.drawn(label), self.context(hint))

    def noise(self):
        """(thing, what it is called)"""
        r = self.rng
        kind = r.random()
        if kind < 0.42:
            label = self.label()
        elif kind < 0.72:
            label = " ".join(self.composed()[0])
        elif kind < 0.86:
            made, words, *_ = self.files.file()
            if self.is_seen:
                made = ("text", made[1], "seen")
            return made, " ".join(words)
        else:
            words = self.files.words
            label = r.choice([words.sentence, words.word, self.title, lambda: str(r.randint(0, 2000)),
                              lambda: f"{r.randint(1, 12)}:{r.randint(10, 59)}", lambda: f"{r.randint(1, 900)} kB"])()
            role = None if self.is_seen else r.choice(BYSTANDERS)
            return (role or "text", label[:80], self.context()), spelled(label)
        return self.thing(label), spelled(label)

    # What people say

    def synonym(self, word):
        same = self.groups.same.get(word.lower())
        return self.rng.choice(same) if same else word

    def loosened(self, text, rate):
        """Some words said in others."""
        r = self.rng
        words = [self.synonym(w) if r.random() < rate else w for w in text.split(" ")]
        if r.random() < 0.08:
            at = r.randrange(len(words))
            words[at] = self.files.inflected(words[at])
        if r.random() < 0.08:
            words = [self.files.slip(w) for w in words]
        return " ".join(words)

    def framed(self, text, role):
        r = self.rng
        if r.random() < 0.35:
            return text
        word = r.choice(ROLE_WORDS.get(role if role != "text" or not self.is_seen else r.choice(TREE_ROLES), ["button"]))
        text = text[:1].lower() + text[1:] if text[1:2].islower() else text
        kind = r.random()
        if role in FIELDS and not self.is_seen and kind < 0.5 and not is_deed(text):
            frame = r.choice(FIELD_FRAMES)
        elif role in TICKS and kind < 0.35:
            frame = r.choice(TICK_FRAMES)
        elif is_deed(text):
            frame = r.choice(DEED_FRAMES)
            return frame.format(x=text, r=word, t=third(text), g=gerund(text))
        else:
            frame = r.choice(NAME_FRAMES)
            if r.random() < 0.12:
                return r.choice(PRESSES).format(x=frame.format(x=text, r=word))
        return frame.format(x=text, r=word)

    def composed(self):
        """([words of a label], [the groups they are of])"""
        r, g = self.rng, self.labels
        verb, one, two = r.choice(g.verbs), r.choice(g.nouns), r.choice(g.nouns)
        form = r.random()
        if form < 0.34:
            parts = [verb, one]
        elif form < 0.50:
            parts = [verb, two, one]
        elif form < 0.66:
            parts = [two, one]
        elif form < 0.72:
            parts = [one]
        elif form < 0.77:
            parts = [verb]
        elif form < 0.84:
            parts = [["show", "display", "make visible", "let me see"], one, ["in"], two]
        elif form < 0.90:
            parts = [["automatically", "by itself", "on its own"], verb, one]
        elif form < 0.95:
            parts = [verb, one, ["on startup", "when it starts", "at the beginning"]]
        else:
            parts = [["ask before", "confirm before", "question me before", "warn before"], verb, one]
        return [p[0] for p in parts], parts

    def composed_phrase(self, parts):
        r, out = self.rng, []
        for at, part in enumerate(parts):
            same = [w for w in self.groups.same.get(part[0], []) if w in part] or part[1:]
            word = r.choice(same) if same and r.random() < 0.62 else part[0]
            if at and part in self.labels.nouns and r.random() < 0.3:
                word = r.choice(["the", "my", "a", "the"]) + " " + word
            out.append(word)
        if len(out) > 2 and r.random() < 0.12:
            out.pop(r.randrange(len(out)))
        elif len(parts) == 2 and parts[0] in self.labels.nouns and r.random() < 0.4:
            out = [out[1], "of", "the", out[0]]
        return " ".join(out)

    def cased(self, words):
        r = self.rng
        text = " ".join(words)
        kind = r.random()
        return text.capitalize() if kind < 0.5 else text.title() if kind < 0.9 else text

    # Batches

    def ask(self, add):
        """One phrase; `add(thing, called)` puts into the pool and gives the place."""
        r = self.rng
        kind = r.random()
        if kind < 0.22:
            made, words, ending, folder = self.files.file()
            if self.is_seen:
                made = ("text", made[1], "seen")
            phrase = self.files.said(words, ending, folder, made[1])
            near = [n for n in (self.files.near(words) for _ in range(r.randint(0, 2))) if n]
            if self.is_seen:
                near = [("text", n[1], "seen") for n in near]
            near = [add(n, spelled(n[1])) for n in near if n[1].lower() != made[1].lower()]
            return Asked(phrase, add(made, spelled(made[1])), near, frozenset([spelled(made[1])]))
        role = self.role()
        if kind < 0.68:
            concept, phrases = r.choice(self.asked)
            label, names = r.choice(concept.labels), concept.names
            is_plain = r.random() < 0.16
            text = label if is_plain else r.choice(phrases)
            phrase = self.framed(self.loosened(text, 0.08), role)
            hint = r.choice(concept.phrases) if r.random() < 0.1 else ""
            near = [self.other_label(label, names) for _ in range(r.randint(0, 2))]
        else:
            words, parts = self.composed()
            label, names = self.cased(words), frozenset([spelled(" ".join(words))])
            phrase = self.framed(self.composed_phrase(parts), role)
            hint = ""
            near = [self.varied(parts) for _ in range(r.randint(1, 2))]
        if r.random() < 0.15:
            phrase = phrase[:1].upper() + phrase[1:]
        near = [add(self.thing(n), spelled(n)) for n in near if n and spelled(n) not in names]
        gold = self.thing(label, role, hint)
        if not self.is_seen and r.random() < 0.2:
            bystander = (r.choice(BYSTANDERS), gold[1], self.context())
            near.append(add(bystander, "a bystander"))
        return Asked(phrase, add(gold, spelled(label)), near, names)

    def other_label(self, label, names):
        """Of another concept that shares a word."""
        words = set(spelled(label).split(" "))
        for _ in range(12):
            other = self.label()
            if words & set(spelled(other).split(" ")) and spelled(other) not in names:
                return other
        return self.label()

    def varied(self, parts):
        """A label with one word of another meaning."""
        r = self.rng
        parts = list(parts)
        at = r.randrange(len(parts))
        before = parts[at]
        among = self.labels.verbs if before in self.labels.verbs else self.labels.nouns
        other = r.choice(among)
        if set(other) & set(before):
            return None
        parts[at] = other
        return self.cased([p[0] for p in parts])

    def batch(self, count, noise):
        """(pool of things, what each is called, [Asked])"""
        self.is_seen = self.rng.random() < 0.5
        self.titles = [self.title() for _ in range(3)]
        pool, called = [], []

        def add(thing, name):
            pool.append(thing)
            called.append(name)
            return len(pool) - 1

        asked = [self.ask(add) for _ in range(count)]
        for _ in range(noise):
            add(*self.noise())
        return pool, called, asked

    def episode(self, size):
        """One phrase and the things that one screen might have."""
        r = self.rng
        pool, called, [asked] = self.batch(1, size)
        near = set(asked.near) | {asked.meant}
        fits = [i for i in range(len(pool)) if i in near or called[i] not in asked.names]
        others = [i for i in fits if i != asked.meant]
        gold = pool[asked.meant]
        if r.random() < 0.2:
            # Nor may a bystander of the same name be left.
            others = [i for i in others if pool[i][1] != gold[1]]
            return Episode(asked.phrase, [pool[i] for i in others], -1)
        at = r.randint(0, len(others))
        order = others[:at] + [asked.meant] + others[at:]
        return Episode(asked.phrase, [pool[i] for i in order], at)


if __name__ == "__main__":
    screens = Screens(random.Random(5))
    for _ in range(60):
        e = screens.episode(6)
        print(repr(e.phrase), "->", e.candidates[e.gold] if e.gold >= 0 else None, "|",
              [c[1] for i, c in enumerate(e.candidates) if i != e.gold][:4])
