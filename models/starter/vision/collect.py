"""Collects the test set: real screens with their truth from AT-SPI. Never trained on.

    dbus-run-session xvfb-run -s "-screen 0 1280x800x24" /usr/bin/python3 collect.py FOLDER [SCENE...]

Needs the applications below, xfwm4, xdotool, python3-gi, gir1.2-gtk-3.0 and gir1.2-atspi-2.0. Each
scene becomes `NAME.png` and `NAME.json`: {"toolkit", "words": [[word, left, top, right, bottom]...]},
where a word's box is its own where the application tells it, else that of its widget.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
gi.require_version("Pango", "1.0")
from gi.repository import Atspi, Gdk, Gtk, Pango

HERE = pathlib.Path(__file__).parent
PROSE = """The committee met on Tuesday, 14 March, at half past nine.
Present: Zoë Müller (chair), J. O'Brien, Ana-Lucía Gómez and K. Ødegård.

1. The budget of €12,480 was approved; £300 stay in reserve.
2. Opening hours: Mon–Fri 08:30 to 17:45, closed on 1 May.
3. Questions? Write to office@example.org or call +44 20 7946 0018.

"Nothing is lost," he wrote, "that can be found again" -- see page 7.
for (i = 0; i < 10; i++) { total += price[i] * 1.19; }
"""
PAGE = """<!doctype html><meta charset=utf-8><title>Lake cruises</title>
<style>body{font:15px/1.4 %s;margin:24px 40px;%s}h1{font-size:30px}nav a{margin-right:22px}
button{padding:5px 14px}table{border-collapse:collapse;margin:14px 0}td,th{border:1px solid #999;padding:4px 12px;text-align:left}
label{display:block;margin:7px 0}small{color:#777}</style>
<nav><a href=#>Timetable</a><a href=#>Prices</a><a href=#>Our boats</a><a href=#>Contact</a></nav>
<h1>Lake cruises in summer</h1>
<p>From the 3rd of June our boats leave every hour. Tickets are sold on board, by card or in cash;
children under 6 travel free of charge.</p>
<table><tr><th>Boat<th>Leaves<th>Arrives<th>Adults</tr><tr><td>Seagull II<td>09:15<td>11:40<td>€ 18.50</tr>
<tr><td>Königin Luise<td>13:05<td>16:20<td>€ 24.00</tr><tr><td>Old Oak<td>18:30<td>21:00<td>€ 31.75</tr></table>
<h3>Book a seat</h3><label>Full name <input value="Hannah Björk"></label>
<label><input type=checkbox checked> Bring a bicycle (+€ 4)</label><label><input type=checkbox> Wheelchair access</label>
<label><input type=radio name=r checked> One way <input type=radio name=r> Return</label>
<p><button>Reserve now</button> <button>Cancel</button> <select><option>2 persons</select></p>
<small>Terms &amp; conditions apply. Last updated: 2 May, 16:07. © Lakeside Shipping Co.</small>"""
DARK = {"GTK_THEME": "Adwaita:dark"}
# name: (toolkit, command, environment, keys)
SCENES = {
    "gtk3-mousepad": ("gtk3", ["mousepad", "{prose}"], {}, []),
    "gtk3-mousepad-edit": ("gtk3", ["mousepad", "{prose}"], {}, ["alt+e"]),
    "gtk3-mousepad-dark": ("gtk3", ["mousepad", "{prose}"], DARK, []),
    "gtk3-thunar": ("gtk3", ["thunar", "{files}"], {}, []),
    "gtk3-galculator": ("gtk3", ["galculator"], {}, []),
    "gtk3-widgets": ("gtk3", ["gtk3-widget-factory"], {}, []),
    "gtk3-widgets-dark": ("gtk3", ["gtk3-widget-factory"], DARK, []),
    "gtk3-terminal": ("gtk3", ["xfce4-terminal", "--disable-server", "-x", "sh", "-c", "ls -l /usr/share/common-licenses; cat"], {}, ["alt+f"]),
    "gtk4-widgets": ("gtk4", ["gtk4-widget-factory"], {}, []),
    "gtk4-widgets-dark": ("gtk4", ["gtk4-widget-factory"], DARK, []),
    "qt-featherpad": ("qt", ["featherpad", "{prose}"], {}, []),
    "qt-featherpad-edit": ("qt", ["featherpad", "{prose}"], {}, ["alt+e"]),
    "qt-featherpad-preferences": ("qt", ["featherpad", "{prose}"], {}, ["ctrl+shift+p"]),
    "qt-kcalc": ("qt", ["kcalc"], {}, []),
    "qt-qt6ct": ("qt", ["qt6ct"], {"QT_QPA_PLATFORMTHEME": "qt6ct"}, []),
    "gtk4-demo": ("gtk4", ["gtk4-demo"], {}, []),
    "gtk4-node-editor": ("gtk4", ["gtk4-node-editor"], {}, []),
    "web-chromium": ("web", ["chromium", "--no-sandbox", "--force-renderer-accessibility", "--no-first-run", "--disable-gpu", "--window-size=1200,780", "--user-data-dir={home}/chromium", "--app=file://{page}"], {}, []),
    "web-chromium-dark": ("web", ["chromium", "--no-sandbox", "--force-renderer-accessibility", "--no-first-run", "--disable-gpu", "--window-size=1200,780", "--user-data-dir={home}/chromium", "--app=file://{dark}"], {}, []),
    "web-firefox": ("web", ["firefox-esr", "--no-remote", "--profile", "{home}/firefox", "{page}"], {"GNOME_ACCESSIBILITY": "1"}, []),
    "office-calc": ("office", ["libreoffice", "--calc", "--nologo", "--norestore", "-env:UserInstallation=file://{home}/office", "{table}"], {}, []),
}
HOME = pathlib.Path("/tmp/deskbound-scenes")
START_LIMIT, SETTLE_LIMIT, STEP = 120.0, 20.0, 0.25
LEAST_WORDS = 4
MAX_NODES = 4000
# What an application says to be elsewhere than it is.
# ...and what it names but does not draw, or draws in two lines.
MISPLACED = {"gtk4-demo": {"Tab"}, "gtk4-node-editor": {"GtkMenuButton", 'url("resource:///org/gtk/gtk4/node-editor/icons/apps/org.gtk.gtk4.NodeEditor.svg");'},
             "gtk3-thunar": {"Places", "Devices"}, "qt-featherpad": {"Find"}, "qt-featherpad-edit": {"Find"}}
NAMED = {"push button", "toggle button", "check box", "radio button", "menu", "menu item", "check menu item", "radio menu item",
         "page tab", "table cell", "tree item", "list item", "table column header", "column header", "icon", "label", "static", "link", "heading", "tree table cell"}
WRITTEN = {"label", "static", "text", "entry", "paragraph", "heading", "link", "table cell", "terminal", "spin button", "document text", "section", "list item", "password text"}


def wait(what, limit, ready):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        found = ready()
        if found:
            return found
        time.sleep(STEP)
    raise SystemExit(f"{what}: not within {limit:.0f} s")


def screen():
    root = Gdk.get_default_root_window()
    while Gtk.events_pending():
        Gtk.main_iteration_do(False)
    return Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())


def settled():
    """The screen, once it has not changed for a second."""
    before, since = screen().get_pixels(), time.monotonic()
    until = since + SETTLE_LIMIT
    while time.monotonic() < until:
        time.sleep(STEP)
        picture = screen()
        now = picture.get_pixels()
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > 1.5:
            return picture
    return screen()


def said(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def focused():
    window = said("xdotool", "getactivewindow")
    return window if window and said("xdotool", "getwindowname", window) != "" else None


def origin(window):
    """Where a window's own pixels begin on the screen."""
    found = dict(re.findall(r"^([XY])=(-?\d+)$", said("xdotool", "getwindowgeometry", "--shell", window), re.M))
    return int(found["X"]), int(found["Y"])


class Words:
    def __init__(self, name, toolkit, window):
        self.name = name
        self.toolkit, self.found, self.seen = toolkit, [], 0
        self.covers = []  # (box, words) of open menus
        # GTK 4 tells places within its window only.
        self.move = origin(window) if toolkit == "gtk4" else (0, 0)
        self.layout = Pango.Layout(Gtk.Label().get_pango_context())

    def place(self, node):
        kind = Atspi.CoordType.WINDOW if self.toolkit == "gtk4" else Atspi.CoordType.SCREEN
        e = node.get_component_iface().get_extents(kind)
        return (e.x + self.move[0], e.y + self.move[1], e.x + e.width + self.move[0], e.y + e.height + self.move[1])

    def walk(self, node, clip):
        self.seen += 1
        if self.seen > MAX_NODES:
            return
        try:
            states, role = node.get_state_set(), node.get_role_name()
            if not states.contains(Atspi.StateType.SHOWING) and self.toolkit != "gtk4" and role not in ("application", "desktop frame", "section", "document web"):
                return
            if self.toolkit == "gtk4" and not states.contains(Atspi.StateType.VISIBLE):
                return
            box = self.place(node) if node.get_component_iface() else clip
        except Exception:
            return
        if box[2] - box[0] <= 0 or box[3] - box[1] <= 0:
            inner = clip
        else:
            inner = (max(clip[0], box[0]), max(clip[1], box[1]), min(clip[2], box[2]), min(clip[3], box[3]))
        count = node.get_child_count()
        if box[2] > box[0] and inner[2] - inner[0] > 2 and inner[3] - inner[1] > 2:
            text = node.get_text_iface() if role in WRITTEN else None
            if text is not None and text.get_character_count() > 0:
                self.written(text, inner)
            elif role in NAMED and node.get_name():
                self.named(node, inner, role)
        shown = [c for c in (node.get_child_at_index(i) for i in range(min(count, 400))) if c is not None]
        if role == "menu":
            self.popup(shown)
            return
        for child in shown:
            self.walk(child, inner if role not in ("application",) else clip)

    def popup(self, items):
        """The items of an open menu are elsewhere than the menu, over what stood there."""
        boxes = [self.place(i) for i in items if i.get_state_set().contains(Atspi.StateType.SHOWING) and i.get_component_iface()]
        boxes = [b for b in boxes if b[2] > b[0] and b[3] > b[1]]
        if not boxes:
            return
        box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        before, self.found = self.found, []
        for item in items:
            self.walk(item, (0, 0, 1 << 16, 1 << 16))
        self.covers.append((box, self.found))
        self.found = before

    def words(self):
        """All words that nothing covers."""
        out = self.found
        for box, own in self.covers:
            hidden = lambda b: b[0] < box[2] and b[2] > box[0] and b[1] < box[3] and b[3] > box[1]
            out = [row for row in out if not hidden(row[1:])] + own
        return out

    def written(self, text, clip):
        whole = text.get_text(0, min(text.get_character_count(), 6000))
        if self.toolkit == "qt":  # what it says of lines after the first is wrong
            for match in re.finditer(r"\S+", whole):
                self.add(match.group(), clip)
            return
        for match in re.finditer(r"[^\s\ufffc]+", whole):
            try:
                e = text.get_range_extents(match.start(), match.end(), Atspi.CoordType.WINDOW if self.toolkit == "gtk4" else Atspi.CoordType.SCREEN)
            except Exception:  # GTK 4 does not know
                self.add(match.group(), clip)
                continue
            box = (e.x + self.move[0], e.y + self.move[1], e.x + self.move[0] + e.width, e.y + self.move[1] + e.height)
            if e.width <= 0 or e.height <= 0:
                if self.toolkit == "gtk4" or len(whole) < 80:
                    self.add(match.group(), clip)  # not told: somewhere in the widget
                continue
            if box[0] >= clip[0] - 3 and box[2] <= clip[2] + 3 and box[1] >= clip[1] - 3 and box[3] <= clip[3] + 3:
                self.add(match.group(), box)

    def named(self, node, box, role):
        name = node.get_name()
        for i in range(min(node.get_child_count(), 8)):
            child = node.get_child_at_index(i)
            if child is not None and child.get_name() == name:
                return  # the child shows it
        self.layout.set_text(name, -1)
        # What does not fit is a name without a text: an icon's.
        wide = box[2] - box[0]
        if self.layout.get_pixel_size()[0] > (wide - 6 if "button" in role else wide * 1.3 + 4):
            return
        for word in name.split():
            self.add(word, box)

    def add(self, word, box):
        row = [word, *box]
        if word not in MISPLACED.get(self.name, ()) and (self.toolkit == "qt" or row not in self.found):
            self.found.append(row)


def collect(name, folder, places):
    toolkit, command, more, keys = SCENES[name]
    environment = os.environ | {"GSETTINGS_BACKEND": "memory", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_ACCESSIBILITY": "1", "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8", "HOME": places["home"],
                                "SAL_USE_VCLPLUGIN": "gtk3"} | more
    command = [part.format(**places) for part in command]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        # GTK 4 does not say of a window that it shows.
        shows = lambda w: toolkit == "gtk4" or w.get_state_set().contains(Atspi.StateType.SHOWING)
        mine = lambda: [a for a in applications() if any(shows(w) for w in children(a))]
        apps = wait(f"a window of {name}", START_LIMIT, mine)
        window = wait("a focused window", START_LIMIT, focused)
        settled()
        for key in keys:
            subprocess.run(["xdotool", "key", key])
        subprocess.run(["xdotool", "mousemove", "1278", "798"])
        picture = settled()
        words = Words(name, toolkit, window)
        for application in apps:
            for top in children(application):
                words.walk(top, (0, 0, picture.get_width(), picture.get_height()))
        found = words.words()
        if len(found) < LEAST_WORDS:
            raise SystemExit(f"{name}: no words in its tree")
        picture.savev(str(folder / f"{name}.png"), "png", ["compression"], ["9"])
        told = {"toolkit": toolkit, "words": found}
        (folder / f"{name}.json").write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n")
        print(name, len(found), "words", flush=True)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def children(node):
    out = []
    for i in range(node.get_child_count()):
        try:
            child = node.get_child_at_index(i)
        except Exception:
            continue
        if child is not None:
            out.append(child)
    return out


def applications():
    desktop = Atspi.get_desktop(0)
    return [a for a in children(desktop) if a.get_process_id() != os.getpid() and a.get_name() not in ("xfwm4", "")]


def switched_on():
    ask = ["dbus-send", "--session", "--print-reply=literal", "--dest=org.a11y.Bus", "/org/a11y/bus"]
    said(*ask, "org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true")
    return "true" in said(*ask, "org.freedesktop.DBus.Properties.Get", "string:org.a11y.Status", "string:IsEnabled")


def prepare(home):
    home.mkdir(parents=True, exist_ok=True)
    (home / "firefox").mkdir(exist_ok=True)
    (home / "firefox/user.js").write_text('user_pref("accessibility.force_disabled", -1);\nuser_pref("browser.aboutwelcome.enabled", false);\nuser_pref("datareporting.policy.dataSubmissionEnabled", false);\nuser_pref("browser.shell.checkDefaultBrowser", false);\n')
    files = home / "Papers"
    files.mkdir(exist_ok=True)
    for name in ("Annual report (final).odt", "minutes_2023-11-02.txt", "Übersicht.csv", "IMG_0417.JPG", "Makefile", "voyage à Liège.pdf", "zebra-crossing.svg", "x11.conf", "0 to 60.ogg"):
        (files / name).write_text("x")
    (files / "Invoices").mkdir(exist_ok=True)
    (files / "Tax 2022").mkdir(exist_ok=True)
    (home / "minutes.txt").write_text(PROSE)
    (home / "page.html").write_text(PAGE % ("sans-serif", "background:#fff;color:#222"))
    (home / "dark.html").write_text(PAGE % ("serif", "background:#1b1e23;color:#d8d8d8;color-scheme:dark"))
    (home / "table.csv").write_text("Item,Quantity,Unit price,Total\nWalnut boards,12,34.90,418.80\nBrass hinges,40,2.15,86.00\nWood glue (1 l),3,11.49,34.47\nSandpaper P180,25,0.85,21.25\n")
    return {"home": str(home), "prose": str(home / "minutes.txt"), "files": str(files), "page": str(home / "page.html"),
            "dark": str(home / "dark.html"), "table": str(home / "table.csv")}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if "--one" in sys.argv:
        return collect(sys.argv[-1], folder, prepare(HOME))
    names = sys.argv[2:] or list(SCENES)
    manager = subprocess.Popen(["xfwm4", "--compositor=off"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait("the window manager manages", START_LIMIT, lambda: "window id" in said("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"))
    # Qt and browsers look at this once, when they start.
    wait("accessibility is switched on", START_LIMIT, switched_on)
    try:
        for name in names:
            # A process of its own: nothing of the last application is left on its connections.
            subprocess.run([sys.executable, __file__, str(folder), "--one", name])
    finally:
        manager.kill()


if __name__ == "__main__":
    main()
