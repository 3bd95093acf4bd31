"""Pages in a real browser engine (Chromium, without a window), with random texts, fonts and looks.

    python web_screens.py FOLDER SHEETS [SEED]

A sheet is one tall picture of many pages. The page measures itself: lines of text by ranges,
baselines by the metrics of the font, controls by their boxes.
"""

import html
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

import fonts
import lines
import screens
from text import Texts

CHROMIUM = "chromium"
WIDE, HIGH, PAGES = 640, 480, 16
LIMIT = 240.0
TRUTH = """
const out = {text: [], widgets: [], fields: []};
const canvas = document.createElement('canvas').getContext('2d');
function metrics(style) {
  const face = `${style.fontStyle} ${style.fontWeight} `;
  canvas.font = face + style.fontSize + ' ' + style.fontFamily;
  const own = canvas.measureText('Hg');
  canvas.font = face + '200px ' + style.fontFamily;
  const size = parseFloat(style.fontSize);
  return {up: own.fontBoundingBoxAscent, down: own.fontBoundingBoxDescent, size,
          cap: canvas.measureText('H').actualBoundingBoxAscent / 200 * size};
}
function clip(node) {
  let box = [0, 0, 1e6, 1e6];
  for (let at = node; at && at !== document.body; at = at.parentElement) {
    if (getComputedStyle(at).overflow === 'visible') continue;
    const r = at.getBoundingClientRect(), x = r.left + at.clientLeft, y = r.top + at.clientTop;
    box = [Math.max(box[0], x), Math.max(box[1], y), Math.min(box[2], x + at.clientWidth), Math.min(box[3], y + at.clientHeight)];
  }
  return box;
}
const pieces = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode, of = node.parentElement;
  if (!node.data.trim() || ['SCRIPT', 'STYLE', 'OPTION', 'TEXTAREA'].includes(of.tagName)) continue;
  const m = metrics(getComputedStyle(of)), bounds = clip(of);
  let block = of;
  while (getComputedStyle(block).display === 'inline') block = block.parentElement;
  for (const word of node.data.matchAll(/\\S+/g)) {
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const all = range.getClientRects();
    if (!all.length) continue;
    const r = all[0], whole = all.length === 1;
    pieces.push({text: whole ? word[0] : null, left: r.left, right: r.right, block, base: r.top + (r.height - m.up - m.down) / 2 + m.up, m, bounds});
  }
}
let line = null;
for (const p of pieces) {
  const gap = line ? p.left - line.right : 0;
  if (line && line.block === p.block && Math.abs(line.base - p.base) < 1 && gap > -2 && gap < 0.72 * p.m.size) {
    line.text = line.text === null || p.text === null ? null : line.text + (gap > 0.12 * p.m.size ? ' ' : '') + p.text;
    line.right = p.right;
    if (p.m.cap > line.m.cap) line.m = p.m;
  } else {
    line = p;
    out.text.push(line);
  }
}
const box = r => [r.left, r.top, r.right, r.bottom];
for (const e of document.querySelectorAll('button, .button, input, select, textarea, .tab, .scroll')) {
  const r = e.getBoundingClientRect(), style = getComputedStyle(e);
  const kind = e.matches('.scroll') ? 'scroll-bar' : e.matches('.tab') ? 'tab' : e.matches('button, .button') ? 'button'
    : e.type === 'checkbox' ? 'check-' + (e.checked ? 'on' : 'off') : e.type === 'radio' ? 'radio-' + (e.checked ? 'on' : 'off') : 'field';
  const bounds = clip(e.parentElement);
  if (kind === 'scroll-bar') {
    const wide = e.offsetWidth - e.clientWidth - 2 * e.clientLeft;
    if (wide > 3) out.widgets.push([kind, [r.right - e.clientLeft - wide, r.top + e.clientTop, r.right - e.clientLeft, r.bottom - e.clientTop], bounds]);
    continue;
  }
  out.widgets.push([kind, box(r), bounds]);
  if (kind === 'field') {
    const m = metrics(style), text = e.tagName === 'SELECT' ? e.selectedOptions[0].text : e.value || e.placeholder || '';
    canvas.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const left = r.left + e.clientLeft + parseFloat(style.paddingLeft), middle = (r.top + r.bottom) / 2;
    if (text && e.tagName !== 'TEXTAREA')
      out.fields.push({text, left, right: left + canvas.measureText(text).width, limit: r.right - e.clientLeft, base: middle + (m.up - m.down) / 2, m, bounds});
  }
}
const told = document.createElement('pre');
told.id = 'truth';
for (const line of out.text) delete line.block;
told.textContent = JSON.stringify(out);
document.body.textContent = '';
document.body.append(told);
"""


class Page:
    """The HTML of one page."""

    def __init__(self, rng, texts):
        self.rng, self.texts = rng, texts

    def say(self, text):
        return html.escape(text)

    def colour(self, c):
        return "#" + "".join(f"{round(255 * v):02x}" for v in c)

    def style(self, name):
        rng = self.rng
        tint, ink = fonts.colours(rng)
        dark = fonts.luminance(tint) < 0.5
        family = rng.choice(fonts.COMMON + ["Liberation Serif", "DejaVu Serif"]) if rng.random() < 0.7 else rng.choice(fonts.families())
        accent = rng.choice(["#1a73e8", "#0645ad", "#c0392b", "#2e7d32", "#6a1b9a", "#e67e22"])
        size = rng.choice([10, 11, 12, 13, 13, 14, 14, 15, 16, 16, 18, 20])
        scheme = "dark" if dark else "light"
        rules = [f"{name}{{background:{self.colour(tint)};color:{self.colour(ink)};color-scheme:{scheme};font:{size}px/{rng.choice([1.1, 1.2, 1.35, 1.4, 1.5, 1.6])} '{family}';padding:{rng.choice([4, 8, 16, 24])}px}}"]
        rules.append(f"{name} a{{color:{'#8ab4f8' if dark else accent};{'text-decoration:none' if rng.random() < 0.5 else ''}}}")
        rules.append(f"{name} button,{name} .button,{name} input,{name} select,{name} textarea{{font:inherit;font-size:{rng.choice([1, 1, 0.9, 0.85])}em}}")
        if rng.random() < 0.5:
            rules.append(f"{name} button,{name} .button{{background:{accent if rng.random() < 0.5 else 'transparent'};color:{'#fff' if rng.random() < 0.5 else 'inherit'};border:1px solid {accent};border-radius:{rng.choice([0, 3, 4, 8, 16])}px;padding:{rng.choice([2, 4, 6, 8])}px {rng.choice([6, 10, 14, 18])}px}}")
        if rng.random() < 0.4:
            rules.append(f"{name} input:not([type=checkbox]):not([type=radio]),{name} select{{border:1px solid #888;border-radius:{rng.choice([0, 3, 6])}px;padding:{rng.choice([1, 3, 6])}px {rng.choice([4, 8])}px;background:{'#222' if dark else '#fff'};color:{'#ddd' if dark else '#222'}}}")
        if rng.random() < 0.5:
            rules.append(f"{name} td,{name} th{{border:{rng.choice(['1px solid #999', '0', '0;border-bottom:1px solid #bbb'])};padding:{rng.choice([1, 3, 5])}px {rng.choice([4, 8, 12])}px;text-align:{rng.choice(['left', 'left', 'right'])}}}{name} table{{border-collapse:collapse}}")
        rules.append(f"{name} .tab{{display:inline-block;padding:4px 12px;border:1px solid #999;{'border-bottom:0' if rng.random() < 0.5 else 'border-width:0 0 2px'}}}")
        rules.append(f"{name} .scroll{{height:{rng.randint(60, 130)}px;overflow-y:scroll;border:1px solid #aaa}}")
        rules.append(f"{name} label{{{'display:block' if rng.random() < 0.7 else 'margin-right:12px'};margin:{rng.choice([1, 3, 6])}px 0}}{name} nav a{{margin-right:{rng.choice([8, 14, 22])}px}}{name} .key{{width:{rng.choice([30, 40, 54])}px;margin:{rng.choice([0, 2])}px;padding:{rng.choice([2, 5, 8])}px 0!important}}")
        return "\n".join(rules)

    def paragraph(self):
        words = []
        for _ in range(self.rng.randint(1, 5)):
            text = self.say(self.texts.sentence(12))
            r = self.rng.random()
            words.append(f"<a href=#>{text}</a>" if r < 0.15 else f"<b>{text}</b>" if r < 0.2 else f"<code>{text}</code>" if r < 0.25 else f"<i>{text}</i>" if r < 0.28 else text)
        return f"<p>{' '.join(words)}</p>"

    def button(self):
        tag = self.rng.choice(["button", "button", "a class=button"])
        return f"<{tag}>{self.say(self.texts.label(2))}</{tag.split()[0]}> "

    def field(self):
        r = self.rng.random()
        if r < 0.25:
            return f"<select><option>{self.say(self.texts.label(2))}</select> "
        if r < 0.33:
            return "<textarea rows=2></textarea> "
        value = self.say(self.texts.any())
        return f"<input size={self.rng.randint(6, 34)} {'placeholder' if self.rng.random() < 0.3 else 'value'}=\"{value}\"> "

    def form(self):
        rows = []
        for _ in range(self.rng.randint(3, 8)):
            r = self.rng.random()
            label = self.say(self.texts.label(3))
            if r < 0.4:
                rows.append(f"<label>{label} {self.field()}</label>")
            elif r < 0.75:
                kind = self.rng.choice(["checkbox", "checkbox", "radio"])
                rows.append(f"<label><input type={kind} {'checked' if self.rng.random() < 0.5 else ''}> {label}</label>")
            else:
                rows.append(self.button())
        return "".join(rows)

    def table(self):
        makers = [self.rng.choice([self.texts.label, self.texts.number, self.texts.file, self.texts.word]) for _ in range(self.rng.randint(2, 5))]
        head = "".join(f"<th>{self.say(self.texts.label(1))}" for _ in makers)
        rows = "".join("<tr>" + "".join(f"<td>{self.say(make())}" for make in makers) for _ in range(self.rng.randint(2, 8)))
        return f"<table><tr>{head}{rows}</table>"

    def keys(self):
        rows = []
        for _ in range(self.rng.randint(2, 5)):
            rows.append("".join(f"<button class=key>{self.say(self.texts.single() if self.rng.random() < 0.7 else self.texts.short())}</button>" for _ in range(self.rng.randint(3, 7))))
        return "<br>".join(rows)

    def part(self):
        r = self.rng.random()
        if r < 0.25:
            return self.paragraph() + self.paragraph()
        if r < 0.5:
            return self.form()
        if r < 0.62:
            return self.table()
        if r < 0.7:
            return self.keys()
        if r < 0.78:
            return "<ul>" + "".join(f"<li>{self.say(self.texts.any())}" for _ in range(self.rng.randint(2, 7))) + "</ul>"
        if r < 0.85:
            return "<pre>" + "\n".join(self.say(self.texts.code()) for _ in range(self.rng.randint(2, 6))) + "</pre>"
        if r < 0.92:
            return "<div class=scroll>" + "".join(f"<div>{self.say(self.texts.file())}</div>" for _ in range(self.rng.randint(4, 14))) + "</div>"
        return "<div>" + "".join(f"<div class=tab>{self.say(self.texts.label(1))}</div>" for _ in range(self.rng.randint(2, 5))) + "</div>"

    def body(self):
        out = []
        if self.rng.random() < 0.5:
            out.append("<nav>" + "".join(f"<a href=#>{self.say(self.texts.label(2))}</a> " for _ in range(self.rng.randint(3, 7))) + "</nav>")
        if self.rng.random() < 0.6:
            out.append(f"<h{self.rng.randint(1, 4)}>{self.say(self.texts.label())}</h1>")
        out += [self.part() for _ in range(self.rng.randint(4, 8))]
        if self.rng.random() < 0.4:
            out.append(f"<small>{self.say(self.texts.sentence())}</small>")
        return "".join(out)


def sheet(rng, texts):
    rules, bodies = [], []
    for i in range(PAGES):
        page = Page(rng, texts)
        rules.append(page.style(f"#p{i}"))
        bodies.append(f"<section id=p{i}>{page.body()}</section>")
    frame = f"body{{margin:0}}section{{box-sizing:border-box;width:{WIDE}px;height:{HIGH}px;overflow:hidden}}"
    return f"<!doctype html><meta charset=utf-8><style>{frame}{''.join(rules)}</style>{''.join(bodies)}"


def shoot(page, scale, folder):
    """(rgb, truth) of a sheet: once seen, once measured."""
    common = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
              f"--window-size={WIDE},{HIGH * PAGES}", f"--force-device-scale-factor={scale}"]
    seen, measured = folder / "seen.html", folder / "measured.html"
    seen.write_text(page)
    measured.write_text(page + f"<script>{TRUTH}</script>")
    subprocess.run([*common, f"--screenshot={folder}/seen.png", f"file://{seen}"], capture_output=True, timeout=LIMIT)
    dom = subprocess.run([*common, "--dump-dom", f"file://{measured}"], capture_output=True, text=True, timeout=LIMIT).stdout
    found = re.search(r'<pre id="truth">(.*?)</pre>', dom, re.S)
    rgb = np.asarray(Image.open(folder / "seen.png").convert("RGB"))
    return rgb, json.loads(html.unescape(found.group(1)))


def ink(rgb, box):
    """The columns of a box that are not its background."""
    left, top, right, bottom = (round(v) for v in box)
    part = lines.luminance(rgb[max(0, top) : bottom, max(0, left) : right]).astype(int)
    if part.size == 0:
        return None
    level = np.bincount(part.ravel(), minlength=256).argmax()
    columns = np.nonzero((abs(part - level) > 24).any(0))[0]
    return None if len(columns) == 0 else (left + columns[0], left + columns[-1] + 1)


def truths(rgb, told, scale):
    """Of each page of a sheet, its part of the picture and its truth."""
    wide, high = round(WIDE * scale), round(HIGH * scale)
    pages = [(rgb[i * high : (i + 1) * high, :wide], screens.Truth()) for i in range(PAGES)]
    for row in told["text"] + told["fields"]:
        base, cap = row["base"] * scale, row["m"]["cap"] * scale
        left, top, right, bottom = (v * scale for v in row["bounds"])
        right = min(right, row.get("limit", 1e6) * scale)
        box = [row["left"] * scale, base - fonts.ABOVE * cap, row["right"] * scale, base + fonts.BELOW * cap]
        page = int(base // high)
        if not 0 <= page < PAGES or cap < 3 or base - 0.8 * cap < top or base > bottom + 1 or box[0] > right - 4:
            continue
        text = row["text"] if box[2] <= right + 1 and box[0] >= left - 1 else None
        box[2] = min(box[2], right)
        if "limit" in row:
            # Where within its padding a control writes is not told.
            found = ink(rgb, (box[0] - 3, box[1], min(box[2] + 8, right - 1), box[3]))
            if found is None:
                continue
            box[0], box[2] = found
        shift = page * high
        pages[page][1].add_text((box[0], box[1] - shift, box[2], box[3] - shift), text)
    for kind, box, bounds in told["widgets"]:
        box, bounds = [v * scale for v in box], [v * scale for v in bounds]
        page = int(box[1] // high)
        if 0 <= page < PAGES and screens.overlap(box, bounds) > 0.7 * screens.area(box) and screens.area(box) > 0:
            shift = page * high
            pages[page][1].add(kind, (box[0], box[1] - shift, box[2], min(box[3], bounds[3]) - shift))
    return pages


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 41
    rng = random.Random(seed)
    texts = Texts(rng)
    with tempfile.TemporaryDirectory() as place:
        for number in range(count):
            scale = rng.choice([1, 1, 1, 1.25, 1.5, 2])
            rgb, told = shoot(sheet(rng, texts), scale, pathlib.Path(place))
            for i, (part, truth) in enumerate(truths(rgb, told, scale)):
                screens.save(folder, f"web-{seed}-{number:03}-{i:02}", part, truth)


if __name__ == "__main__":
    main()
