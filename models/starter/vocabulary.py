"""Made-up names, texts and sums for the training data. Nothing here comes from a test suite.

Every word and every sentence pattern belongs either to the trained or to the held-out half
(`held`), by its hash, so that held-out scores are on words the networks never saw as content.
"""

from words import fnv1a

WORD_LIST = "/usr/share/dict/american-english-small"  # Debian: wamerican-small
# The examples of the project's own descriptions stay out, whatever they may be used for.
AVOIDED = {"weekend", "weekends", "boiler", "boilers", "chores", "chore"}
HELD_SHARE = 6  # one in six


def is_held(key):
    return fnv1a(("held:" + key).encode()) % HELD_SHARE == 0


def split(items):
    items = [i for i in items if i not in AVOIDED]
    return [i for i in items if not is_held(i)], [i for i in items if is_held(i)]


def load_words():
    with open(WORD_LIST, encoding="utf-8") as lines:
        words = [w.strip() for w in lines]
    return [w for w in words if w.isascii() and w.isalpha() and w.islower() and 3 <= len(w) <= 11]


TOPICS = """garden kitchen budget tax recipe travel holiday meeting project report invoice letter
draft summary shopping grocery birthday party wedding school homework lecture essay thesis chapter
story poem song music movie book reading library bank insurance car bicycle train flight hotel
camping hiking fitness training diet health doctor dentist medicine family baby dog cat pet house
flat rent repair paint plumbing heating roof window door fence tools workshop parts inventory
stock order delivery price sales customer client vendor contract agreement offer plan schedule
calendar agenda minutes notes ideas wishlist todo tasks checklist list log journal diary memo
contacts addresses phone passwords photos pictures scans drawings sketches designs logo website
server backup config settings script data results survey statistics budget expenses income salary
bills receipts donations charity club team football chess choir theatre museum exhibition concert
lesson course exam quiz vocabulary grammar physics chemistry biology history geography maths
weather bees chickens tomatoes roses potatoes apples wine beer coffee tea bread soup pasta curry
cake jam cheese winter summer spring autumn january february march april may june july august
september october november december monday tuesday wednesday thursday friday saturday sunday
morning evening quarter annual monthly weekly daily old new final first second draft private
public shared spare personal office lab field studio attic cellar garage boat harbour river lake
mountain forest beach island castle bridge station market bakery""".split()
TOPICS = sorted(set(TOPICS))

FIRST_NAMES = """Anna Ben Clara David Emma Felix Grace Henry Ines Jonas Karin Leo Maria Nina Oscar
Paula Quentin Rosa Samuel Tara Ursula Victor Wendy Xavier Yusuf Zoe Priya Chen Omar Ingrid""".split()
ADJECTIVES = """red blue green old new broken heavy quiet loud fresh cold warm cheap expensive empty
full late early important small large clean dirty wooden spare missing urgent quick slow""".split()
THINGS = """keys ladder parcel ticket printer lamp curtain bicycle kettle radiator invoice umbrella
suitcase blanket bucket hammer drill paint brush soap milk eggs bread butter rice flour onions
carrots lemons honey candles batteries envelopes stamps pencils chairs table carpet mirror clock
camera charger cable laptop keyboard headphones tent stove map compass rope boots jacket gloves
seeds pots hose spade rake wheelbarrow manual file folder document menu window door report""".split()
DEEDS = """call|water|feed|buy|fix|clean|return|order|paint|collect|check|pack|wash|replace|pay for|
post|charge|empty|measure|sort|open|close|move|save|write|rename|lock|unplug|count|label|bring|
borrow|sell|carry|hide|find""".replace("\n", "").split("|")
PLACES = """the office|the kitchen|the station|the market|the garage|the garden|the top shelf|
the post office|the library|room 12|gate 4|the second floor|the car park|the north door|school|
the cellar|the back yard|the reception|the old mill|the bakery""".replace("\n", "").split("|")
TIMES = """at noon|at nine|at half past six|on Monday|on Friday|tomorrow|tonight|next week|
in the morning|before lunch|after dinner|at 10:30|by 5 pm|on the 14th of May|every Tuesday|
in two weeks|later today|since yesterday|until March|as soon as possible""".replace("\n", "").split("|")

# Upper-case words are filled in. {then} keeps the joints that mislead a clause splitter.
SENTENCES = """
DEED the ADJ THING
DEED the THING and DEED the THING
DEED the THING, then DEED the THING
DEED the THING TIME
DEED the THING and the THING TIME
first DEED the THING and then DEED the THING
do not DEED the THING
remember to DEED the THING TIME
remember to DEED NAME's THING
please DEED the THING before NAME arrives
NAME will DEED the THING TIME
NAME and NAME will meet in PLACE TIME
meet NAME in PLACE TIME
the THING is in PLACE
the ADJ THING is next to the ADJ THING
we need THING, THING and THING
we are out of THING and THING
THING, THING and THING
THING and THING
THING, THING, THING
TOPIC: NUM THING, NUM THING
NUM THING for NAME
buy NUM THING and NUM THING
call NAME TIME and ask about the THING
ask NAME whether the THING is ADJ
the TOPIC meeting is TIME
the TOPIC starts TIME and ends TIME
dear NAME, thank you for the THING
dear NAME, the THING arrived and it is ADJ. See you TIME
hello NAME, see you TIME
hello world
good morning
good morning NAME
welcome to PLACE
the code is NUM
the answer is NUM
room NUM, TIME
NUM euros for the THING
see the TOPIC notes for more
if the THING is ADJ, DEED it and DEED the THING
when NAME comes, open the window and then close the door
save water and then save energy
open the gate and add the THING to the pile
move the THING into PLACE and rename nothing
write to NAME about the TOPIC and the TOPIC
the file is in the folder and the folder is ADJ
it was a ADJ day and NAME wrote a letter
no THING today
yes
ok
done
THING
ADJ THING
TOPIC
TOPIC and TOPIC
TOPIC ideas: THING, THING
WORD
WORD WORD
WORD WORD WORD
WORD WORD and WORD
WORD, WORD, WORD and WORD
the WORD of WORD is WORD
WORD WORD WORD WORD WORD WORD
a WORD and a WORD then WORD
NAME likes WORD
NAME called about the WORD TIME
DEED WORD with WORD
never WORD a WORD before TIME
the WORD is ADJ but the WORD is not
what a ADJ THING
where is the THING
is the THING ADJ
who will DEED the THING
I will DEED the THING TIME
I am in PLACE, back TIME
my THING is ADJ and my THING is ADJ
our TOPIC plan: DEED the THING, DEED the THING, DEED the THING
version NUM is ADJ
NUM. DEED the THING
TIME: DEED the THING
NAME: NUM
NAME, NAME and NAME
the quick WORD jumps over the lazy WORD
to be WORD or not to be WORD
roses are ADJ and violets are ADJ
all THING must be ADJ
keep this ADJ
new line
last entry
the end
""".strip().split("\n")

EXTENSIONS = ["txt"] * 12 + ["md"] * 4 + """csv log doc docx odt ods xls xlsx pdf html css js py rs sh
json toml yaml xml ini cfg conf png jpg jpeg gif svg mp3 wav zip tar tex rtf dat bak text""".split()

UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen""".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    """0..=1000 in words."""
    if n < 20:
        return UNITS[n]
    if n < 100:
        return TENS[n // 10] + ("-" + UNITS[n % 10] if n % 10 else "")
    if n < 1000:
        rest = " and " + spell(n % 100) if n % 100 else ""
        return UNITS[n // 100] + " hundred" + rest
    return "a thousand"


class Vocabulary:
    """A source of content for one half of the words, drawing from `rng`."""

    def __init__(self, rng, held):
        half = 1 if held else 0
        self.rng = rng
        self.words = split(load_words())[half]
        self.topics = split(TOPICS)[half]
        self.things = split(THINGS)[half]
        self.first_names = split(FIRST_NAMES)[half]
        self.sentences = split(SENTENCES)[half]

    def word(self):
        return self.rng.choice(self.topics if self.rng.random() < 0.6 else self.words)

    def number(self):
        r = self.rng
        return str(r.choice([r.randint(0, 12), r.randint(2, 99), r.randint(100, 5000)]))

    def sentence(self):
        r = self.rng
        picks = {
            "DEED": lambda: r.choice(DEEDS), "THING": lambda: r.choice(self.things),
            "ADJ": lambda: r.choice(ADJECTIVES), "NAME": lambda: r.choice(self.first_names),
            "PLACE": lambda: r.choice(PLACES), "TIME": lambda: r.choice(TIMES),
            "TOPIC": lambda: r.choice(self.topics), "NUM": self.number,
            "WORD": lambda: r.choice(self.words),
        }
        out = []
        for part in r.choice(self.sentences).split(" "):
            bare = part.rstrip(",.:")
            tail = part[len(bare):]
            stem, plus = (bare[:-2], "'s") if bare.endswith("'s") else (bare, "")
            out.append(picks[stem]() + plus + tail if stem in picks else part)
        return " ".join(out)

    def text(self):
        """What a person dictates: (text, whether it may stand without quotes)."""
        r = self.rng
        text = self.sentence()
        bare = True
        if r.random() < 0.10:
            text = text[:1].upper() + text[1:] + ". " + self.sentence().capitalize()
            bare = False
        style = r.random()
        if style < 0.45:
            text = text[:1].upper() + text[1:]
        elif style < 0.50:
            text = text.upper()
        elif style < 0.54:
            text = text.title()
        ending = r.random()
        if ending < 0.12:
            text += "."
            bare = False
        elif ending < 0.20:
            text += "!"
        elif ending < 0.24:
            text += "?"
            bare = False
        return text, bare

    def extension(self):
        return self.rng.choice(EXTENSIONS)

    def name_words(self):
        r = self.rng
        n = r.choices([1, 2, 3], [4, 5, 2])[0]
        words = [self.word() for _ in range(n)]
        if r.random() < 0.15:
            words.append(str(r.choice([r.randint(1, 12), r.randint(1990, 2031)])))
        return words

    def file_name(self, extension=None):
        """One unbroken name, most often with an ending."""
        r, words = self.rng, self.name_words()
        style = r.random()
        if style < 0.40:
            name = "-".join(words)
        elif style < 0.62:
            name = "_".join(words)
        elif style < 0.72:
            name = "".join(w.capitalize() for w in words)
        elif style < 0.78:
            name = words[0] + "".join(w.capitalize() for w in words[1:])
        elif style < 0.83:
            name = "-".join(w.capitalize() for w in words)
        elif style < 0.87:
            name = words[0].upper()
        elif style < 0.90:
            name = words[0][0] + str(r.randint(1, 99))
        else:
            name = words[0]
        wants = r.random() < 0.78 if extension is None else extension
        return name + "." + self.extension() if wants else name

    def loose_name(self):
        """A name of several words, to stand after `called` or in quotes."""
        r, words = self.rng, self.name_words()
        if r.random() < 0.12:
            words.insert(min(1, len(words)), r.choice(["and", "for", "of", "from"]))
            words.append(self.word())
        name = " ".join(words)
        style = r.random()
        if style < 0.35:
            name = name.title()
        elif style < 0.45:
            name = name.capitalize()
        return name + "." + self.extension() if r.random() < 0.12 else name

    def folder_name(self):
        r, words = self.rng, self.name_words()
        style = r.random()
        if style < 0.35:
            return words[0].capitalize()
        if style < 0.60:
            return words[0]
        return self.file_name(extension=False)

    def described(self):
        """How a person calls a file whose name they do not spell."""
        r = self.rng
        kind = ["notes", "list", "plan", "letter", "report", "draft", "photo", "picture", "budget",
                "recipe", "invoice", "log", "ideas", "summary", "schedule", "minutes", "diary"]
        shape = r.random()
        if shape < 0.5:
            return f"{self.word()} {r.choice(kind)}"
        if shape < 0.65:
            return f"{r.choice(kind)} about the {self.word()}"
        if shape < 0.75:
            return f"{r.choice(kind)} for {self.word()}"
        if shape < 0.90:
            return f"{self.word()} {self.word()}"
        return self.word()

    def operand(self, words):
        r = self.rng
        n = r.choice([r.randint(0, 12), r.randint(2, 99), r.randint(100, 1000), r.randint(100, 9999)])
        if words and n <= 1000:
            return spell(n)
        if r.random() < 0.10:
            return f"{n}.{r.randint(1, 99)}"
        return f"{n:,}" if n > 999 and r.random() < 0.3 else str(n)

    def expression(self):
        """A sum as people say it, that can follow `calculate`."""
        r = self.rng
        words = r.random() < 0.25
        a, b, c = (self.operand(words) for _ in range(3))
        if r.random() < 0.45:
            return self.signs(a, b, c)
        op = lambda: r.choice(["plus", "minus", "times", "divided by", "multiplied by"])
        said = [
            lambda: f"{a} {op()} {b}", lambda: f"{a} {op()} {b}", lambda: f"{a} {op()} {b}",
            lambda: f"{a} {op()} {b} {op()} {c}",
            lambda: f"the sum of {a} and {b}", lambda: f"the sum of {a}, {b} and {c}",
            lambda: f"the product of {a} and {b}", lambda: f"the difference between {a} and {b}",
            lambda: f"the difference of {a} and {b}", lambda: f"the quotient of {a} and {b}",
            lambda: f"half of {a}", lambda: f"twice {a}", lambda: f"{a} percent of {b}",
            lambda: f"{a}% of {b}", lambda: f"{a} squared", lambda: f"a third of {a}",
        ]
        return r.choice(said)()

    def signs(self, a, b, c):
        r = self.rng
        op = lambda: r.choice(["+", "-", "*", "/", "x", "\u00d7", "\u00f7", "+", "*"])
        gap = r.choice(["", " ", " "])
        if r.random() < 0.65:
            return f"{a}{gap}{op()}{gap}{b}"
        if r.random() < 0.5:
            return f"{a}{gap}{op()}{gap}{b}{gap}{op()}{gap}{c}"
        return r.choice([f"({a}{gap}+{gap}{b}){gap}{op()}{gap}{c}", f"{a}{gap}{op()}{gap}({b}{gap}-{gap}{c})"])

    def sum_order(self):
        """A sum whose verb is its sign: `multiply 6 by 7`."""
        r = self.rng
        words = r.random() < 0.25
        a, b, c = (self.operand(words) for _ in range(3))
        return r.choice([
            f"add {a} and {b}", f"add {a} to {b}", f"add up {a}, {b} and {c}", f"add {a}, {b} and {c}",
            f"subtract {a} from {b}", f"take {a} away from {b}", f"deduct {a} from {b}",
            f"multiply {a} by {b}", f"multiply {a} and {b}", f"multiply {a} with {b}",
            f"divide {a} by {b}", f"split {a} by {b}", f"double {a}", f"halve {a}", f"triple {a}",
            f"square {a}", f"sum {a} and {b}",
        ])
