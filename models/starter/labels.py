"""Phrases and the things on a screen they mean, for the matcher's training.

An episode is a phrase, candidates (role, name, context), and which of them it means, if any.
"""

import random
from dataclasses import dataclass

from vocabulary import EXTENSIONS, Vocabulary

# label variants :: phrases. Every fifth phrase of a concept is held out.
CONCEPTS = """
Save :: save|save it|save the file|store the document|keep my changes|write the file to disk|save button|save changes|store it|the button that saves|keep this|save the document
Save As...|Save As|Save as… :: save as|save under another name|save under a different name|save a copy with a new name|store under a new name|save to another file|save with a new file name
Save All :: save all|save every file|save everything|store all open files
Open...|Open|Open File :: open|open a file|open a document|load a file|load|open an existing file|choose a file to open|open dialog
Open Recent|Recent Files|Recently Used :: recent files|recently used|recent documents|last opened files|what I opened lately
New|New File|New Document :: new|new file|new document|start a new file|create a document|blank document|make a new file|empty document
New Window :: new window|open another window|second window|one more window
New Tab :: new tab|open another tab|one more tab|add a tab
New Folder|Create Folder|Create Folder...|New Directory :: new folder|create a folder|make a folder|new directory|add a directory|create a directory|make a new directory|add folder
Rename...|Rename|Rename File :: rename|give another name|change the name|give it a new name|rename the file|change the file name|edit the name|call it something else
Delete|Remove|Erase :: delete|remove|erase|get rid of it|delete the file|destroy
Move to Trash|Move to Wastebasket :: move to trash|throw away|put in the bin|to the wastebasket|trash it|discard the file
Trash|Wastebasket|Rubbish Bin :: trash|rubbish bin|the bin|wastebasket|deleted files|recycle bin
Empty Trash :: empty the trash|empty the bin|clear the wastebasket|purge deleted files
Cut :: cut|cut it|cut out|cut the selection|remove to the clipboard
Copy :: copy|copy it|copy to the clipboard|copy the selection|duplicate to clipboard
Paste :: paste|paste it|insert from the clipboard|paste here|put in what was copied
Paste Into Folder :: paste into folder|paste inside the folder|put the copied files into this folder
Duplicate :: duplicate|make a copy of the file|clone the file|second copy
Select All :: select all|mark everything|select everything|highlight all
Undo :: undo|take back|undo the last change|revert the last step|go one step back
Redo :: redo|do again|repeat the undone step|restore the change
Find...|Find|Search :: find|search|search for text|look for a word|find in the text|look for something|search button
Find and Replace...|Replace...|Search and Replace :: replace|find and replace|substitute words|exchange text|swap words
Find Next :: find next|next match|next hit|search forward
Find Previous :: find previous|previous match|last hit|search backwards
Go To...|Go to Line... :: go to line|jump to a line|line number dialog|go to a certain line
Print...|Print :: print|print it|print the page|put on paper|send to the printer|printer
Print Preview :: print preview|see how it will print|look at the page before printing
Page Setup... :: page setup|paper size|margins of the page|page orientation
Close|Close Window :: close|close the window|shut the window|close it|dismiss|the cross
Close Tab :: close tab|shut this tab|close the current tab
Close All Windows :: close all windows|shut all windows|close everything
Quit|Exit :: quit|exit|leave the program|end the application|close the program|leave
OK|Ok :: ok|okay|confirm|accept|agree|the ok button
Cancel :: cancel|abort|never mind|forget it|go back without changes|stop this
Yes :: yes|agree|that is right
No :: no|do not|refuse
Apply :: apply|apply the changes|use these settings|make it so
Discard|Don't Save|Close without Saving :: discard|do not save|close without saving|throw changes away|lose my changes
Replace|Overwrite :: overwrite|replace the existing file|write over it
Help|Contents :: help|manual|instructions|user guide|show the help
About|About... :: about|version of the program|information about the program|who made this
Preferences|Preferences...|Settings|Options :: preferences|settings|options|configure|set up the program|adjust the program
Properties|Properties...|Details :: properties|details|information about the file|file info|show the attributes
File :: file menu|file|the menu for files|menu called file
Edit :: edit menu|edit|the menu for editing|menu called edit
View :: view menu|view|the menu for the view|appearance menu
Document :: document menu|the document menu|menu called document
Go :: go menu|navigation menu|menu called go
Bookmarks :: bookmarks|bookmark menu|saved places|favourites
Back|Go Back|Previous :: back|go back|previous page|return|last place|to where I was
Forward|Go Forward|Next :: forward|go forward|next page|onward
Up|Open Parent|Parent Folder|Go Up :: up|parent folder|one level up|go up|the folder above|enclosing folder
Home|Home Folder :: home|home folder|my home|personal folder|home directory
Desktop :: desktop|the desktop folder|desktop folder
Documents :: documents|documents folder|my documents|folder for documents
Downloads :: downloads|downloads folder|things I downloaded|downloaded files
Pictures :: pictures|pictures folder|my photos|images folder
Music :: music|music folder|my songs|songs folder
Videos :: videos|videos folder|my films|movies folder
File System|Computer :: file system|root folder|computer|whole disk|hard disk
Network|Browse Network :: network|other computers|network places
Refresh|Reload :: refresh|reload|update the view|load again|show it anew
Stop :: stop|halt|stop loading|interrupt
Zoom In :: zoom in|make it bigger|larger|enlarge|bigger text
Zoom Out :: zoom out|make it smaller|smaller|shrink|tinier text
Normal Size|Reset Zoom|100% :: normal size|original size|reset the zoom|actual size
Fullscreen|Full Screen :: fullscreen|fill the whole screen|whole screen
Show Hidden Files :: show hidden files|hidden files|display invisible files|reveal hidden files
Icon View|View as Icons :: icon view|show as icons|big icons|view with icons
List View|Detailed List|View as Detailed List :: list view|detailed list|show as a list|show details
Word Wrap :: word wrap|wrap long lines|break long lines|line wrapping
Line Numbers|Show Line Numbers :: line numbers|number the lines|show the line numbers
Spell Check|Check Spelling :: spell check|check spelling|check my spelling|look for misspelt words
Font|Select Font...|Choose Font :: font|choose a font|typeface|letter style|change the font
Bold :: bold|bold text|make it bold|thick letters|heavy type
Italic :: italic|italics|slanted text|slanted letters
Underline :: underline|underlined|line under the text
Colour|Color :: colour|color|pick a colour|change the colour
Statusbar|Status Bar :: status bar|the bar at the bottom|bottom bar
Toolbar :: toolbar|tool bar|bar with the buttons
Menubar|Menu Bar :: menu bar|menubar|bar with the menus
Side Pane|Sidebar :: side pane|sidebar|panel at the side|left panel
Location|Path|Address :: location|address bar|path field|where I am|path
Name|File name:|Name: :: name|file name|name field|file name field|box for the name|field for the file name
Search...|Filter :: search field|search box|filter box|filter field|type to search
Password|Password: :: password|password field|secret word|pass phrase
User name|Username|Login :: user name|login name|account name|who I am
Email|E-mail address :: email|email address|mail address
Text|Text area|Document text :: text area|the text|editor area|where I type|writing area|document text
Cascade|Arrange :: arrange|arrange the windows|sort the windows
Sort by Name|By Name :: sort by name|order by name|alphabetical order|alphabetically
Sort by Date|By Modification Date :: sort by date|newest first|order by date|by modification date
Sort by Size|By Size :: sort by size|order by size|largest first
Size :: size|size column|how big
Date Modified|Modified :: date modified|modified|last change|when it was changed
Type :: type|kind of file|type column|file type
Minimize|Minimise :: minimise|minimize|hide the window|put the window away
Maximize|Maximise :: maximise|maximize|make the window as big as possible
Menu :: menu|main menu|hamburger menu|three lines
Applications :: applications|applications menu|start menu|programs|all programs
Log Out|Log out... :: log out|sign out|end my session|leave the session
Shut Down|Power Off :: shut down|power off|turn the computer off|switch off
Restart|Reboot :: restart|reboot|start the computer again
Lock Screen :: lock screen|lock the computer|lock
Text Editor|Mousepad|Editor|Notepad :: text editor|editor|notepad|program for writing text|writing program
File Manager|Files|Thunar|File Browser :: file manager|file browser|files|program for my files|explorer
Terminal|Terminal Emulator|Console :: terminal|console|command line|shell|command prompt
Calculator|Galculator :: calculator|pocket calculator|program for sums|adding machine
Web Browser|Firefox|Browser :: web browser|browser|internet|internet program
Mail|Mail Reader|Email Client :: mail|mail program|email program|letters program
Image Viewer|Photos|Ristretto :: image viewer|picture viewer|program for photos
Clock|Date and Time :: clock|the time|date and time
Volume|Sound|Audio :: volume|sound|loudness|speaker
Brightness :: brightness|screen brightness|how bright
Wi-Fi|Wireless|Network Manager :: wifi|wireless|network connection
Add|+ :: add|plus|add one|insert
- |Subtract|Minus :: minus|subtract|take away|less
*|×|Multiply :: times|multiply|multiplication|multiplied by
/|÷|Divide :: divide|division|divided by|over
= |Equals|Calculate :: equals|equal sign|result|calculate|is
C|Clear|AC :: clear|clear all|start over|reset the calculator
CE|Clear Entry :: clear entry|clear the last number|wipe the entry
sqrt|√|Square Root :: square root|root
Send :: send|send it|send off|deliver
Reply :: reply|answer|write back|respond
Attach|Attach File :: attach|attach a file|add an attachment|attachment
Download :: download|fetch the file|get the file
Upload :: upload|send the file up|put the file online
Install :: install|set up the package|add the program
Update :: update|newest version|bring up to date
Play :: play|start the music|play the video
Pause :: pause|hold|pause the music
Next Track|Skip :: next track|skip the song|next song
Mute :: mute|silence|sound off|no sound
Record :: record|start recording|recording button
Left :: left|to the left|left side
Right :: right|to the right|right side
Bottom :: bottom|lowest|at the bottom
Top :: top|highest|at the top
Remember me|Keep me logged in :: remember me|stay signed in|keep me logged in
Don't ask again|Do not ask me again :: do not ask again|never ask again|stop asking
Extract|Extract Here :: extract|unpack|unzip here
Compress|Create Archive :: compress|make an archive|zip it|pack the files
Open With...|Open With Other Application... :: open with|open with another program|choose a program
Open in New Window :: open in new window|show in another window
Open in Terminal|Open Terminal Here :: open in terminal|terminal here|command line in this folder
""".strip().split("\n")

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
UI_ROLES = ["push button", "button", "menu item", "menu", "toggle button", "check menu item", "label",
            "check box", "entry", "text", "link", "page tab", "tool bar", "panel", "icon"]
ROLE_WORDS = {
    "push button": ["button"], "button": ["button"], "menu item": ["menu item", "menu entry", "entry"],
    "menu": ["menu"], "toggle button": ["button", "toggle"], "check box": ["check box", "box", "tick box"],
    "entry": ["field", "text field", "input", "box"], "text": ["field", "text field", "text"],
    "link": ["link"], "page tab": ["tab"], "icon": ["icon"], "label": ["label"],
    "check menu item": ["menu item", "entry"], "tree item": ["item"], "list item": ["item"],
    "table cell": ["file"], "folder": ["folder"], "tool bar": ["bar"], "panel": ["panel"],
}
FRAMES = ["{x}"] * 8 + ["the {x}"] * 6 + ["my {x}"] * 4 + ["our {x}", "that {x}", "the one called {x}",
          "the thing with the {x}", "{x} please", "the {x} here", "this {x}", "a {x}"]


VERBS = set("""save store keep write open load choose create make start add give change edit call delete
remove erase get throw put discard empty clear purge cut copy paste insert duplicate clone select mark
undo take revert redo repeat restore find search look replace substitute exchange swap jump go print
send see close shut dismiss quit exit leave end confirm accept agree abort cancel apply use lose
overwrite show configure adjust update refresh reload stop halt interrupt zoom enlarge shrink reset
fill display reveal view wrap break number check pick arrange sort order hide minimise minimize
maximise maximize log sign turn switch restart reboot lock multiply divide subtract wipe reply answer
attach download fetch upload install bring play pause hold mute silence record remember unpack
extract compress pack set""".split())


@dataclass
class Episode:
    phrase: str
    candidates: list  # (role, name, context)
    gold: int  # -1 where nothing fits


def concepts(held):
    """[(labels, phrases)]; phrases of the wanted half."""
    out = []
    for line in CONCEPTS:
        labels, phrases = line.split(" :: ")
        phrases = phrases.split("|")
        fits = [p for i, p in enumerate(phrases) if (i % 5 == 4) == held]
        out.append(([l.strip() for l in labels.split("|")], fits))
    return out


class Labels:
    def __init__(self, rng, held=False):
        self.rng, self.held = rng, held
        self.words = Vocabulary(rng, held)
        self.known = concepts(False)
        self.asked = [c for c in concepts(held) if c[1]]

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

    def action(self, phrase, role_word):
        """`the button that saves the file`, `a button for saving the file`."""
        first, _, rest = phrase.partition(" ")
        rest = " " + rest if rest else ""
        r = self.rng
        if r.random() < 0.6:
            third = first + ("es" if first.endswith(("x", "ch", "sh", "ss", "o")) else "s")
            return f"{r.choice(['the', 'the', 'a'])} {role_word} that {third}{rest}"
        stem = first[:-1] if first.endswith("e") and first[-2:] != "ee" else first
        doubled = stem + stem[-1] if first in ("cut", "quit", "stop", "put", "get", "log") else stem
        return f"the {role_word} for {doubled}ing{rest}"

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

    # Controls

    def control(self, labels, hint=""):
        r = self.rng
        name = r.choice(labels)
        if r.random() < 0.05:
            name = name.lower()
        context = hint if r.random() < 0.25 else r.choice(
            ["", "", "", "toolbar", "menu", "dialog", "file menu", "edit menu", "Ctrl+" + name[:1]])
        return (r.choice(UI_ROLES), name, context)

    def control_phrase(self, phrases, role):
        r = self.rng
        phrase = r.choice(phrases)
        if r.random() < 0.12:
            phrase = " ".join(self.slip(w) for w in phrase.split(" "))
        tail = r.random()
        words = ROLE_WORDS.get(role, ["button"])
        if phrase.split(" ")[0] in VERBS and r.random() < 0.22:
            return self.action(phrase, r.choice(words + ["button", "thing"]))
        if tail < 0.2 and not phrase.endswith(tuple(words)):
            phrase = f"{phrase} {r.choice(words)}"
        elif tail < 0.28:
            phrase = f"the {r.choice(words)} to {phrase}"
        elif tail < 0.34:
            phrase = f"the {r.choice(words)} for {phrase}"
        elif tail < 0.45:
            phrase = f"the {phrase}"
        return phrase

    # Episodes

    def noise(self, count, barred_labels=()):
        """Other things on the screen, none of them the meant one."""
        r, out = self.rng, []
        for _ in range(count):
            if r.random() < 0.5:
                labels, _ = r.choice(self.known)
                if not set(labels) & set(barred_labels):
                    out.append(self.control(labels))
            else:
                out.append(self.file()[0])
        return out

    def episode(self, count):
        r = self.rng
        if r.random() < 0.55:
            gold, words, ending, folder = self.file()
            phrase = self.said(words, ending, folder, gold[1])
            others = [n for n in (self.near(words) for _ in range(r.randint(0, 4))) if n]
            others += self.noise(count)
        else:
            labels, phrases = r.choice(self.asked)
            hint = r.choice(next(p for l, p in self.known if l == labels))
            gold = self.control(labels, hint)
            exact = r.random() < 0.15
            phrase = self.control_phrase([gold[1]] if exact else phrases, gold[0])
            others = self.noise(count, labels)
        others = others[: count - 1] if len(others) >= count else others
        taken = gold[1].lower()
        others = [o for o in others if o[1].lower() != taken]
        if r.random() < 0.2:
            return Episode(phrase, others, -1)
        at = r.randint(0, len(others))
        return Episode(phrase, others[:at] + [gold] + others[at:], at)


if __name__ == "__main__":
    labels = Labels(random.Random(5))
    for _ in range(40):
        e = labels.episode(6)
        print(repr(e.phrase), "->", e.candidates[e.gold] if e.gold >= 0 else None, "|",
              [c[1] for i, c in enumerate(e.candidates) if i != e.gold][:4])
