"""Scores readers on the test set by the rule of `models/benches/figures/score.rs`.

    python score.py tesseract [--later]        Tesseract in several settings
    python score.py ours WORK [-v] [--later]   the networks as they stand in the training folder

`--later`: the screens that joined the set after training had begun.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

SCENES = pathlib.Path(__file__).parent / ("scenes-later" if "--later" in sys.argv else "scenes")
NEAR = 3
ALIKE = str.maketrans("‘’‚“”„‐‑‒–—−", "'''\"\"\"------")
SETTINGS = [(11, 1), (11, 2), (11, 3), (3, 2)]
SIDES = 0.16
LEAST_SEEN, LEAST_READ = 0.55, 0.45


def folded(word):
    return word.translate(ALIKE).replace("…", "...")


def scenes():
    for path in sorted(SCENES.glob("*.json")):
        truth = json.loads(path.read_text())
        yield path.stem, truth["toolkit"], path.with_suffix(".png"), [(folded(w), b) for w, *b in truth["words"]]


def within(b, at):
    return b[0] - NEAR <= at[0] <= b[2] + NEAR and b[1] - NEAR <= at[1] <= b[3] + NEAR


def score(truth, found, told=False):
    """(read, all, wrong); `found`: [(word, (x, y))]."""
    found = [(folded(w), at) for w, at in found]
    read, left = 0, []
    for word, box in truth:
        hit = next((i for i, (w, at) in enumerate(found) if w == word and within(box, at)), None)
        if hit is None:
            left.append((word, box))
        else:
            found.pop(hit)
            read += 1
    if told:
        for word, box in left:
            print("  ", word, box, "was", [w for w, at in found if within(box, at)])
    return read, len(truth), sum(any(within(b, at) for _, b in truth) for _, at in found)


def tesseract(picture, psm, scale):
    image = Image.open(picture).convert("RGB")
    image = image.resize((image.width * scale, image.height * scale), Image.BICUBIC)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        image.save(file.name, compress_level=1)
        table = subprocess.run(["tesseract", file.name, "-", "--psm", str(psm), "tsv"], capture_output=True, text=True).stdout
    out = []
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) > 11 and cells[11].strip():
            x, y, w, h = (int(v) / scale for v in cells[6:10])
            out += [(word, (x + w / 2, y + h / 2)) for word in cells[11].split()]
    return out


class Ours:
    def __init__(self, work):
        import torch

        import detector
        import recogniser

        torch.set_num_threads(1)
        self.torch, self.d, self.r = torch, detector, recogniser
        load = lambda model, name: model.load_state_dict(recogniser.finished(f"{work}/{name}.pt"))
        self.detector, self.recogniser = detector.Detector(), recogniser.Recogniser()
        load(self.detector, "detector")
        load(self.recogniser, "recogniser")
        self.detector.eval()
        self.recogniser.eval()

    def __call__(self, picture):
        import alphabet
        import lines

        grey = lines.luminance(np.asarray(Image.open(picture).convert("RGB")))
        out = []
        for (left, top, right, bottom), seen in self.d.detect(self.detector, grey)[0]:
            high = bottom - top
            box = [max(0, round(float(v))) for v in (left - SIDES * high, top, right + SIDES * high, bottom)]
            box = (box[0], box[1], min(grey.shape[1], box[2]), min(grey.shape[0], box[3]))
            if seen < LEAST_SEEN or high < 4 or box[2] < box[0] + 2 or box[3] < box[1] + 4:
                continue
            with self.torch.no_grad():
                chances = self.recogniser(self.r.stack([lines.prepare(grey, box)]))[0].softmax(0)
            best, sure = chances.argmax(0).tolist(), chances.amax(0).tolist()
            found, last = [], 0
            for i, c in enumerate(best):
                if c and c != last:
                    found.append((alphabet.CHARACTERS[c - 1], box[0] + (i + 0.5) / len(best) * (box[2] - box[0]), sure[i]))
                last = c
            if found and np.mean([s for _, _, s in found]) >= LEAST_READ:
                word = []
                for c, x, _ in found + [(" ", 0, 0)]:
                    if c != " ":
                        word.append((c, x))
                    elif word:
                        out.append(("".join(c for c, _ in word), ((word[0][1] + word[-1][1]) / 2, (top + bottom) / 2)))
                        word = []
        return out


def report(title, reader, told=False):
    kits = {}
    for name, kit, picture, truth in scenes():
        if told:
            print(name)
        row = score(truth, reader(picture), told)
        if told:
            print(name, row)
        for key in (kit, "all"):
            kits[key] = [a + b for a, b in zip(kits.get(key, (0, 0, 0)), row)]
    print(title, " ".join(f"{k} {r}/{n} {r / n:.3f} (wrong {w})" for k, (r, n, w) in kits.items()), flush=True)


def main():
    if sys.argv[1] == "tesseract":
        for psm, scale in SETTINGS:
            report(f"tesseract psm {psm}, {scale}x:", lambda picture: tesseract(picture, psm, scale), "-v" in sys.argv)
    else:
        report("ours:", Ours(sys.argv[2]), "-v" in sys.argv)


if __name__ == "__main__":
    main()
