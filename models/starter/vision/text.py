"""Made-up texts such as stand on screens: labels, names of files, numbers, code, sentences, signs.

Words come from Debian's `wamerican-small`; nothing comes from a test screen.
"""

import string

from alphabet import ASCII, CHARACTERS, LATIN_1

WORD_LIST = "/usr/share/dict/american-english-small"
UI = """File Edit View Insert Format Tools Window Help Search Options Settings Preferences Document
Bookmarks History Go Tabs Terminal Encoding Open Save Close Quit Exit Print Undo Redo Cut Copy Paste
Delete Select All None Find Replace Next Previous Back Forward Up Down Home New Folder Rename Move
Properties About Cancel OK Apply Yes No Reset Default Add Remove Import Export Share Sort Group Name
Size Type Date Modified Owner Permissions Zoom In Out Full Screen Normal Show Hide Toolbar Sidebar
Status Bar Line Numbers Font Colour Theme Language Network Sound Display Keyboard Mouse Printer
Power Users Password Username Email Address Phone Password Login Logout Sign Register Submit Send
Reply Draft Inbox Sent Trash Spam Archive Play Pause Stop Record Volume Mute Start Restart Shutdown
Left Right Center Bold Italic Underline Page Column Row Table Cell Sheet Chart Image Link Level Mode
Enable Disable Allow Deny Details More Less Advanced General Custom Automatic Manual Update Install
Recent Documents Downloads Music Pictures Videos Desktop Computer Root Templates Places Devices""".split()
EXTENSIONS = "txt md pdf png jpg svg html css js py rs c h cpp sh toml json xml csv log odt ods docx zip tar.gz iso mp3".split()
SINGLES = string.digits * 5 + string.ascii_letters + "+-×÷=%.,*/()^√π<>?!#&@$€£…•✓✕▾▸▴◂←↑→↓±~|:;[]{}²∞" * 2
MODIFIERS = ["Ctrl", "Shift", "Alt", "Super"]
KEYS = list(string.ascii_uppercase) + [f"F{i}" for i in range(1, 13)] + ["Del", "Return", "Page Up", "+", "-", "0", "Left", "Escape", "Tab"]
ACCENTS = {}
for _c in LATIN_1 + "ŒœŠšŽžŸ":
    import unicodedata as _u
    _base = _u.normalize("NFD", _c)[0]
    ACCENTS.setdefault({"ß": "s", "æ": "a", "ø": "o", "ð": "d", "þ": "t", "Ø": "O", "Æ": "A", "œ": "o", "Œ": "O"}.get(_c, _base), []).append(_c)
ACCENTS = {k: v for k, v in ACCENTS.items() if k.isalpha() and k.isascii()}
MONTHS = "January February March April May June July August September October November December".split()
LONGEST = 64


def load_words():
    with open(WORD_LIST, encoding="utf-8") as lines:
        words = [w.strip() for w in lines]
    return [w for w in words if all(c in CHARACTERS for c in w) and 1 < len(w) < 15]


class Texts:
    def __init__(self, rng):
        self.rng = rng
        self.words = load_words()

    def word(self):
        r = self.rng.random()
        word = self.rng.choice(UI) if r < 0.25 else self.rng.choice(self.words)
        return word

    def accented(self, text):
        return "".join(self.rng.choice(ACCENTS[c]) if c in ACCENTS and self.rng.random() < 0.35 else c for c in text)

    def label(self, most=4):
        n = self.rng.choice([1, 1, 1, 2, 2, 3, 4][: most + 3])
        words = [self.word() for _ in range(n)]
        style = self.rng.random()
        if style < 0.5:
            words = [w[:1].upper() + w[1:] for w in words]
        elif style < 0.8:
            words = [words[0][:1].upper() + words[0][1:]] + [w.lower() for w in words[1:]]
        elif style < 0.9:
            words = [w.lower() for w in words]
        elif style < 0.95:
            words = [w.upper() for w in words]
        text = " ".join(words)
        return text + self.rng.choice([""] * 12 + ["...", "…", ":", ":", ":", "?", "!", "*", " ▾", " (" + self.word() + ")"])

    def single(self):
        return self.rng.choice(SINGLES)

    def short(self):
        r = self.rng.random
        return self.rng.choice([
            lambda: str(self.rng.randint(10, 999)),
            lambda: self.rng.choice(["OK", "No", "Go", "x²", "x³", "1/x", "xʸ".replace("ʸ", "^"), "sin", "cos", "tan", "ln", "log", "mod", "AC", "C", "CE", "M+", "MR", "+/-", "Hz", "px", "pt", "ms", "Aa", "B", "I", "U", "ID", "n!", "e^x", "%", "EE", "Fn", "F1", "F12", "up", "in", "10%", "Inv", "Hyp", "A1", "B2", "C3", "(a)", "1.", "2)", "-1", "+5", "#4", "°C", "µs", "½"]),
            lambda: "".join(self.rng.choice(string.ascii_letters + string.digits) for _ in range(self.rng.randint(2, 3))),
        ])()

    def file(self):
        stem = self.rng.choice(["-", "_", " ", ""]).join(self.word() for _ in range(self.rng.randint(1, 3)))
        if self.rng.random() < 0.6:
            stem = stem.lower()
        if self.rng.random() < 0.25:
            stem += self.rng.choice(["-", "_", ""]) + str(self.rng.randint(1, 2030))
        name = stem + "." + self.rng.choice(EXTENSIONS)
        r = self.rng.random()
        if r < 0.15:
            return "/" + "/".join(self.word().lower() for _ in range(self.rng.randint(1, 3))) + "/" + name
        if r < 0.2:
            return "~/" + self.word() + "/" + name
        if r < 0.28:
            return self.rng.choice(["https://", "www.", "file:///", "http://"]) + self.word().lower() + self.rng.choice([".org", ".com", ".net", ".de"]) + "/" + self.word().lower()
        if r < 0.33:
            return self.word().lower() + self.rng.choice([".", "_", ""]) + self.word().lower() + "@" + self.word().lower() + ".org"
        if r < 0.4:
            return "." + self.word().lower()
        return name

    def number(self):
        i = self.rng.randint
        return self.rng.choice([
            lambda: str(i(0, 10 ** i(1, 7))),
            lambda: f"{i(0, 999)}.{i(0, 99):02}",
            lambda: f"{i(1, 999)},{i(0, 999):03}" + self.rng.choice(["", ".00"]),
            lambda: f"{i(1, 31)} {self.rng.choice(MONTHS)[:self.rng.choice([3, 20])]} {i(1970, 2035)}",
            lambda: f"{i(1970, 2035)}-{i(1, 12):02}-{i(1, 31):02}",
            lambda: f"{i(1, 31):02}/{i(1, 12):02}/{i(0, 99):02}",
            lambda: f"{i(0, 23):02}:{i(0, 59):02}" + self.rng.choice(["", f":{i(0, 59):02}", " AM", " PM"]),
            lambda: f"{i(1, 999)}{self.rng.choice([' ', '.5 ', ''])}{self.rng.choice(['kB', 'MB', 'GB', 'KiB', 'bytes', 'px', '%', '°C', 'ms'])}",
            lambda: self.rng.choice("$€£") + f"{i(1, 9999)}.{i(0, 99):02}",
            lambda: f"{i(0, 99)} {self.rng.choice('+-×÷*/')} {i(0, 99)}" + self.rng.choice(["", f" = {i(0, 999)}"]),
            lambda: f"v{i(0, 20)}.{i(0, 20)}.{i(0, 9)}",
            lambda: f"{i(1, 99)} {self.word().lower()} ({i(1, 99)} {self.word().lower()})",
            lambda: f"0x{i(0, 2**32):x}",
            lambda: f"+{i(1, 99)} {i(100, 999)} {i(1000, 99999)}",
        ])()

    def accelerator(self):
        n = self.rng.choice([1, 1, 1, 2])
        return "+".join(self.rng.sample(MODIFIERS, n) + [self.rng.choice(KEYS)])

    def sentence(self, most=10):
        words = [self.rng.choice(self.words) if self.rng.random() < 0.6 else self.rng.choice("the a of to and in is you for on with this not can be or are it".split()) for _ in range(self.rng.randint(2, most))]
        out = ""
        for w in words:
            r = self.rng.random()
            if r < 0.05:
                w = self.rng.choice(["“{}”", '"{}"', "'{}'", "({})", "[{}]", "‘{}’", "«{}»"]).format(w)
            out += w + self.rng.choice([" "] * 14 + [", ", ". ", "; ", ": ", " - ", " – ", "/", " -- "])
        out = out.strip()
        return (out[:1].upper() + out[1:] if self.rng.random() < 0.6 else out) + self.rng.choice(["", "", ".", ".", ",", "?", "!", ":"])

    def code(self):
        w = lambda: self.rng.choice(self.words).lower().replace("'", "")
        return self.rng.choice([
            lambda: f"let {w()} = {w()}.{w()}();",
            lambda: f"fn {w()}_{w()}(&self) -> {w().title()} {{",
            lambda: f"if ({w()} != {self.rng.randint(0, 99)}) return;",
            lambda: f"#include <{w()}.h>",
            lambda: f"{w()}[{self.rng.randint(0, 9)}] = \"{w()}\",",
            lambda: f"// {w()} {w()} {w()}",
            lambda: f"<{w()} class=\"{w()}\">{w()}</a>",
            lambda: f"$ {w()} --{w()} | {w()}",
            lambda: f"{w()}@{w()}:~$ {w()} -{self.rng.choice(string.ascii_letters)}",
            lambda: f"def {w()}({w()}, *{w()}):",
            lambda: f"{w()}: {w()}-{w()};",
            lambda: f"{self.permissions()} {self.rng.randint(1, 9)} {w()} {w()} {self.rng.randint(10, 99999)} {self.rng.choice(MONTHS)[:3]} {self.rng.randint(1, 31)} {self.file()}",
            lambda: f"{self.permissions()} {w()} {self.file()}",
            lambda: f"for ({w()[0]} = 0; {w()[0]} < {self.rng.randint(1, 99)}; {w()[0]}++) {{ {w()} += {w()}[i]; }}",
            lambda: f"{w()} -> {w()} -- {w()} == {w()} && {w()} || !{w()}",
        ])()

    def permissions(self):
        return self.rng.choice("-dl") + "".join(self.rng.choice(["rwx", "rw-", "r--", "r-x", "---", "r--", "r-x"]) for _ in range(3))

    def name(self):
        """Of a person."""
        first = lambda: self.accented(self.word()).title() if self.rng.random() < 0.4 else self.word().title()
        last = self.rng.choice(["O'", "O'", "Mc", "de ", "van ", "D'", "", "", ""]) + first()
        return self.rng.choice([f"{first()} {last}", f"{first()[0]}. {last}", last, f"{last}, {first()}"])

    def random(self, most=10):
        pool = self.rng.choice([ASCII, string.ascii_letters + string.digits, CHARACTERS, string.digits + ".,:-"])
        return "".join(self.rng.choice(pool) for _ in range(self.rng.randint(1, most)))

    def any(self):
        r = self.rng.random()
        for share, make in ((0.25, self.label), (0.15, self.single), (0.06, self.short), (0.09, self.file),
                            (0.09, self.number), (0.04, self.accelerator), (0.13, self.sentence),
                            (0.07, self.code), (0.04, self.name), (0.05, self.random)):
            if r < share:
                return tidy(make())
            r -= share
        return tidy(self.accented(self.label()))


def tidy(text):
    text = " ".join(text.split())[:LONGEST].strip()
    return text or "-"
