"""Files and folders, and phrases for them, for the matcher's training."""

from vocabulary import EXTENSIONS, Vocabulary

# A word of a file name, and how people say it.
SAYINGS = {
    "notes": ["note", "memo", "jottings"], "note": ["notes", "memo"], "memo": ["note", "notes"],
    "list": ["lists", "listing"], "plan": ["plans", "planning", "schedule"],
    "schedule": ["plan", "timetable"], "photo": ["picture", "image", "photograph"],
    "photos": ["pictures", "images"], "pictures": ["photos", "images"], "image": ["picture", "photo"],
    "shopping": ["groceries", "grocery"], "grocery": ["shopping", "groceries"],
    "budget": ["finances", "money plan"], "expenses": ["spending", "costs"], "bills": ["invoices"],
    "invoice": ["bill"], "letter": ["letters", "writing"], "recipe": ["recipes", "cooking"],
    "recipes": ["recipe"], "holiday": ["vacation", "holidays"], "travel": ["trip", "journey"],
    "trip": ["journey", "travel"], "todo": ["to do", "tasks"], "tasks": ["todo", "to do"],
    "meeting": ["meetings"], "minutes": ["protocol"], "report": ["reports"], "diary": ["journal"],
    "journal": ["diary"], "log": ["logbook", "logs"], "draft": ["sketch"], "summary": ["overview"],
    "movie": ["film"], "song": ["songs", "music"], "music": ["songs"], "book": ["books"],
    "books": ["book", "reading"], "car": ["auto"], "bicycle": ["bike"], "doctor": ["physician"],
    "birthday": ["birthdays", "anniversary"], "home": ["house"], "house": ["home"], "ideas": ["idea"],
    "contacts": ["addresses", "address book"], "addresses": ["contacts"], "salary": ["pay", "wages"],
    "backup": ["safety copy"], "old": ["former"], "final": ["finished"], "jan": ["january"],
    "january": ["jan"], "february": ["feb"], "december": ["dec"], "results": ["outcome", "result"],
    "survey": ["questionnaire"], "exam": ["test"], "lecture": ["talk"], "garden": ["gardening"],
    "kids": ["children"], "cat": ["cats"], "dog": ["dogs"], "maths": ["mathematics"],
    "repair": ["fixing", "repairs"], "work": ["job"], "sums": ["calculations"], "result": ["answer"],
    "answer": ["result"], "greeting": ["hello", "greetings"], "quote": ["offer"], "offer": ["quote"],
    "errands": ["to do"], "readme": ["read me"], "thesis": ["dissertation"], "doc": ["document"],
    "pic": ["picture"], "img": ["image", "picture"], "q1": ["first quarter"], "club": ["society"],
}
TYPES = {
    "txt": ["text file", "text", "note"], "md": ["text", "notes"], "jpg": ["picture", "photo"],
    "jpeg": ["photo", "image"], "png": ["picture", "image"], "gif": ["animation", "picture"],
    "svg": ["drawing"], "mp3": ["song", "recording"], "wav": ["sound", "recording"],
    "csv": ["table", "spreadsheet"], "xls": ["spreadsheet"], "xlsx": ["spreadsheet"],
    "ods": ["spreadsheet"], "odt": ["document", "letter"], "doc": ["word document", "letter"],
    "docx": ["word document"], "pdf": ["pdf"], "zip": ["archive"], "tar": ["archive"],
    "html": ["web page"], "py": ["python script", "program"], "sh": ["shell script", "script"],
    "rs": ["rust source"], "json": ["data file"], "log": ["log"],
}
FILE_ROLES = ["icon", "table cell", "list item", "label", "tree item", "push button", "page tab"]
FOLDER_ROLES = FILE_ROLES + ["folder"]
FRAMES = ["{x}"] * 8 + ["the {x}"] * 6 + ["my {x}"] * 4 + ["our {x}", "that {x}", "the one called {x}",
          "the thing with the {x}", "{x} please", "the {x} here", "this {x}", "a {x}"]


class Files:
    def __init__(self, rng, held=False):
        self.rng = rng
        self.words = Vocabulary(rng, held)

    def slip(self, word):
        r = self.rng
        if len(word) < 5 or r.random() > 0.5:
            return word
        i = r.randrange(1, len(word) - 1)
        return r.choice([word[:i] + word[i + 1] + word[i] + word[i + 2 :], word[:i] + word[i + 1 :],
                         word[:i] + word[i] + word[i:]])

    def inflected(self, word):
        """Plural for singular, and back."""
        if len(word) < 3 or not word.isalpha():
            return word
        if word.endswith("s"):
            return word[:-1]
        if word.endswith("y") and self.rng.random() < 0.7:
            return word[:-1] + "ies"
        return word + ("es" if word.endswith(("x", "ch", "sh")) else "s")

    # Files

    def stem(self):
        r = self.rng
        n = r.choices([1, 2, 3], [3, 6, 2])[0]
        words = [self.words.word() for _ in range(n)]
        if n > 1 and r.random() < 0.45:
            words[-1] = r.choice(list(SAYINGS))
        elif r.random() < 0.15:
            words[r.randrange(n)] = r.choice(list(SAYINGS))
        if r.random() < 0.12:
            words.append(str(r.choice([r.randint(1, 12), r.randint(1990, 2031)])))
        return words

    def spelled(self, words, folder):
        r = self.rng
        style = r.random()
        if style < 0.35:
            name = "-".join(words)
        elif style < 0.6:
            name = "_".join(words)
        elif style < 0.75:
            name = "".join(w.capitalize() for w in words)
        elif style < 0.85:
            name = " ".join(words)
        elif style < 0.95:
            name = " ".join(w.capitalize() for w in words)
        else:
            name = words[0] + "".join(w.capitalize() for w in words[1:])
        if folder or r.random() < 0.12:
            return name, ""
        ending = r.choice(EXTENSIONS)
        return name + "." + ending, ending

    def said(self, words, ending, folder, name):
        """A phrase for the file, from letter-true to loose."""
        r = self.rng
        kind = r.random()
        if kind < 0.10:
            return name if r.random() < 0.6 else name.lower()
        if kind < 0.18 and ending:
            return name[: -len(ending) - 1]
        out = list(words)
        if r.random() < 0.38:
            out = [r.choice(SAYINGS[w]) if w in SAYINGS and r.random() < 0.7 else w for w in out]
        if len(out) > 1 and r.random() < 0.18:
            out.reverse()
            if r.random() < 0.5:
                out.insert(1, r.choice(["for", "of", "about", "from"]))
        if len(out) > 2 and r.random() < 0.3:
            out.pop(r.randrange(len(out)))
        if r.random() < 0.20:
            out = [self.slip(w) for w in out]
        if r.random() < 0.22:
            at = r.randrange(len(out))
            out[at] = self.inflected(out[at])
        if r.random() < 0.06:
            out[0] += "'s"
        text = " ".join(out)
        tail = r.random()
        if folder:
            text += " folder" if tail < 0.35 else " directory" if tail < 0.4 else ""
        elif tail < 0.16:
            text += r.choice([" file", " document", " file", ""])
        elif tail < 0.26 and ending in TYPES:
            text += " " + r.choice(TYPES[ending])
        elif tail < 0.31 and len(words) == 1:
            text += r.choice([" list", " notes", " plan", " text"])
        if r.random() < 0.15:
            text = text.capitalize() if r.random() < 0.7 else text.title()
        return r.choice(FRAMES).format(x=text)

    def context(self, ending, folder):
        r = self.rng
        if r.random() < 0.55:
            return ""
        kind = "folder" if folder else r.choice(TYPES.get(ending, ["file"]))
        return r.choice([kind, f"{kind} {r.randint(1, 900)} bytes", f"{r.randint(1, 99)} kB today",
                         "in home", "file list", f"{kind} in {self.words.word()}", "selected"])

    def file(self, words=None):
        r = self.rng
        folder = r.random() < 0.25
        words = words or self.stem()
        name, ending = self.spelled(words, folder)
        role = r.choice(FOLDER_ROLES if folder else FILE_ROLES)
        return (role, name, self.context(ending, folder)), words, ending, folder

    def near(self, words):
        """Another file that shares a word."""
        other = self.stem()
        other[self.rng.randrange(len(other))] = self.rng.choice(words)
        return None if sorted(other) == sorted(words) else self.file(other)[0]
