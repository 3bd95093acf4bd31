"""Screens with their truth on disk: what generators write, what the detector is trained on.

A screen is `NAME.png` beside `NAME.json`: {"text": [[left, top, right, bottom]...] of lines (logical
boxes, see fonts.py), "read": what each line says, or null where that is not known, "widgets": [[kind, left, top, right, bottom]...]}, in pixels.
"""

import json
import pathlib

import numpy as np
from PIL import Image

KINDS = ["button", "field", "check-off", "check-on", "radio-off", "radio-on", "tab", "menu-item", "scroll-bar"]


def pixels(surface):
    """RGB of a cairo surface."""
    surface.flush()
    data = np.ndarray((surface.get_height(), surface.get_stride() // 4, 4), np.uint8, surface.get_data())
    return data[:, : surface.get_width(), 2::-1].copy()


class Truth:
    def __init__(self):
        self.text, self.widgets = [], []
        self.read = {}  # box of a line -> what it says, where it is known and all of it shows

    def add_text(self, box, text=None):
        if box[2] - box[0] > 0.5:
            self.text.append(box)
            if text:
                self.read[tuple(box)] = " ".join(text.split())

    def add(self, kind, box):
        assert kind in KINDS
        self.widgets.append((kind, box))

    def cover(self, box):
        """Something opaque is drawn over `box`: what it hides is there no more."""
        hidden = lambda b: overlap(b, box) > 0.15 * area(b)
        self.widgets = [(k, b) for k, b in self.widgets if not hidden(b)]
        left, top, right, bottom = box
        shown = []
        for b in self.text:
            middle, band = (b[1] + b[3]) / 2, 0.3 * (b[3] - b[1])
            if bottom <= middle - band or top >= middle + band or right <= b[0] or left >= b[2]:
                shown.append(b)
            else:  # of a line, what stands out at its sides
                if left - b[0] > 8:
                    shown.append((b[0], b[1], left, b[3]))
                if b[2] - right > 8:
                    shown.append((right, b[1], b[2], b[3]))
        self.text = shown

    def within(self, wide, high):
        inside = lambda b: b[0] >= -1 and b[1] >= -1 and b[2] <= wide + 1 and b[3] <= high + 1
        self.text = [b for b in self.text if b[0] < wide and b[1] < high and b[2] > 0 and b[3] > 0]
        self.widgets = [(k, b) for k, b in self.widgets if inside(b)]


def area(b):
    return max(0, b[2] - b[0]) * max(0, b[3] - b[1])


def overlap(a, b):
    return area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def save(folder, name, rgb, truth):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    truth.within(rgb.shape[1], rgb.shape[0])
    Image.fromarray(rgb).save(folder / f"{name}.png", compress_level=1)
    rounded = lambda b: [round(float(v), 1) for v in b]
    read = [truth.read.get(tuple(b)) for b in truth.text]
    text = {"text": [rounded(b) for b in truth.text], "read": read, "widgets": [[k, *rounded(b)] for k, b in truth.widgets]}
    (folder / f"{name}.json").write_text(json.dumps(text))


def spoken(folder, characters, longest, margin=14):
    """[(grey picture, box in it, text)] of the lines whose text is known, with what stands around them."""
    out = []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        truth = json.loads(path.read_text())
        known = [(b, t) for b, t in zip(truth["text"], truth.get("read", [])) if t and len(t) <= longest and set(t) <= characters]
        if not known:
            continue
        grey = luminance(np.asarray(Image.open(path.with_suffix(".png")).convert("RGB")))
        for (left, top, right, bottom), text in known:
            if bottom > grey.shape[0] or right > grey.shape[1] or top < 0 or left < 0 or bottom - top < 6:
                continue
            x, y = max(0, int(left) - margin), max(0, int(top) - margin // 2)
            part = grey[y : int(bottom) + margin // 2, x : int(right) + margin].copy()
            out.append((part, (left - x, top - y, right - x, bottom - y), text))
    return out


def luminance(rgb):
    """As the program computes it."""
    rgb = rgb.astype(np.uint32)
    return ((77 * rgb[..., 0] + 150 * rgb[..., 1] + 29 * rgb[..., 2]) >> 8).astype(np.uint8)


def load(folder, wanted=lambda path: True):
    """[(rgb, text boxes, [(kind, box)])] in order of names."""
    out = []
    for path in filter(wanted, sorted(pathlib.Path(folder).glob("*.json"))):
        truth = json.loads(path.read_text())
        rgb = np.asarray(Image.open(path.with_suffix(".png")).convert("RGB"))
        out.append((rgb, truth["text"], [(k, b) for k, *b in truth["widgets"]]))
    return out
