"""Trains the detector of `starter`'s vision: where lines of text and widgets stand on a screen.

    python detector.py --work FOLDER [--seconds N]   one CPU thread; resumes from the folder
    python detector.py --work FOLDER --export .. writes weights and golden vectors

Screens come from `FOLDER/screens` (gtk_screens.py, drawn_screens.py); one in twenty is held out.
Needs torch, safetensors, numpy and Pillow.
"""

import argparse
import hashlib
import json
import math
import pathlib
import random
import time
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

import lines
import screens
from recogniser import Average, Folded, finished

CELL = 4
WIDTHS = (48, 32, 64)
DILATIONS = (1, 2, 4, 8, 1)
# Outputs of a cell: text or not, its line's top, bottom, left and right; kind of widget, its edges.
TEXT, TEXT_EDGES = 0, slice(1, 5)
KIND = slice(5, 6 + len(screens.KINDS))
KIND_EDGES = slice(KIND.stop, KIND.stop + 4)
OUTPUTS = KIND_EDGES.stop
UNIT = 8.0  # pixels of a distance of 1
TEXT_REACH, KIND_REACH = 32.0, 64.0  # sideways, or for widgets every way, nothing further is asked
CROP, BATCH = 256, 4


class Detector(nn.Module):
    """(screen, 1, high, wide) grey in -1..1, sides of a multiple of 8 -> (screen, OUTPUTS, high / 4, wide / 4)"""

    def __init__(self):
        super().__init__()
        a, b, c = WIDTHS
        conv = lambda i, o, **k: Folded(nn.Conv2d(i, o, 3, bias=False, **k))
        self.fine = nn.ModuleList([conv(CELL * CELL, a, padding=1), conv(a, b, padding=1)])
        self.down = conv(b, c, padding=1, stride=2)
        self.coarse = nn.ModuleList([conv(c, c, padding=n, dilation=n) for n in DILATIONS])
        self.up = nn.Conv2d(c, b, 1)
        self.join = conv(b, b, padding=1)
        self.out = nn.Conv2d(b, OUTPUTS, 1)

    def forward(self, x):
        fine = F.pixel_unshuffle(x, CELL)
        for part in self.fine:
            fine = part(fine)
        coarse = self.down(fine)
        for part in self.coarse:
            coarse = coarse + part(coarse)
        up = F.interpolate(self.up(coarse), scale_factor=2, mode="nearest")
        return self.out(self.join(F.relu(fine + up)))

    def tensors(self):
        out = {}
        parts = {"fine.0": self.fine[0], "fine.1": self.fine[1], "down": self.down, "join": self.join}
        parts |= {f"coarse.{i}": part for i, part in enumerate(self.coarse)}
        for name, part in parts.items():
            out[f"{name}.weight"], out[f"{name}.bias"] = part.folded()
        for name, part in (("up", self.up), ("out", self.out)):
            out[f"{name}.weight"], out[f"{name}.bias"] = part.weight, part.bias
        return {k: v.detach().to(torch.float16).contiguous() for k, v in out.items()}


def exported(tensors, x):
    """What the exported tensors compute, for the golden vectors."""
    t = {k: v.float() for k, v in tensors.items()}
    conv = lambda name, x, **k: F.relu(F.conv2d(x, t[f"{name}.weight"], t[f"{name}.bias"], **k))
    fine = conv("fine.1", conv("fine.0", F.pixel_unshuffle(x, CELL), padding=1), padding=1)
    coarse = conv("down", fine, padding=1, stride=2)
    for i, n in enumerate(DILATIONS):
        coarse = coarse + conv(f"coarse.{i}", coarse, padding=n, dilation=n)
    up = F.interpolate(F.conv2d(coarse, t["up.weight"], t["up.bias"]), scale_factor=2, mode="nearest")
    return F.conv2d(conv("join", F.relu(fine + up), padding=1), t["out.weight"], t["out.bias"])


def cells(low, high, count):
    """Cells whose centre lies between low and high; at least the nearest one."""
    first, after = math.ceil((low - CELL / 2) / CELL), math.floor((high - CELL / 2) / CELL) + 1
    if after <= first:
        first = round(((low + high) / 2 - CELL / 2) / CELL)
        after = first + 1
    return max(0, first), min(count, after)


def target(text, widgets, high, wide):
    """What the outputs should be: (text, text edges, kind, kind edges)."""
    rows, columns = high // CELL, wide // CELL
    core = np.zeros((rows, columns), np.float32)
    text_edges, kind_edges = np.zeros((2, 4, rows, columns), np.float32)
    kind = np.zeros((rows, columns), np.int64)
    ys = (np.arange(rows) * CELL + CELL / 2)[:, None]
    xs = (np.arange(columns) * CELL + CELL / 2)[None]

    def paint(edges, box, y, x, reach, down):
        left, top, right, bottom = box
        part = edges[:, y[0] : y[1], x[0] : x[1]]
        part[0] = np.minimum(ys[y[0] : y[1]] - top, down)
        part[1] = np.minimum(bottom - ys[y[0] : y[1]], down)
        part[2] = np.minimum(xs[:, x[0] : x[1]] - left, reach)
        part[3] = np.minimum(right - xs[:, x[0] : x[1]], reach)

    for box in text:
        left, top, right, bottom = box
        middle, band = (top + bottom) / 2, 0.25 * (bottom - top)
        y, x = cells(middle - band, middle + band, rows), cells(left - 0.5, right + 0.5, columns)
        core[y[0] : y[1], x[0] : x[1]] = 1
        paint(text_edges, box, y, x, TEXT_REACH, 1e9)
    for name, box in sorted(widgets, key=lambda w: -screens.area(w[1])):
        left, top, right, bottom = box
        margin = min(0.25 * min(right - left, bottom - top), 8)
        y, x = cells(top + margin, bottom - margin, rows), cells(left + margin, right - margin, columns)
        kind[y[0] : y[1], x[0] : x[1]] = screens.KINDS.index(name) + 1
        paint(kind_edges, box, y, x, KIND_REACH, KIND_REACH)
    return core, text_edges / UNIT, kind, kind_edges / UNIT


def around(rng, screen, need):
    """Top and left of a part with something in it; what is rare is looked for first."""
    rgb, text, widgets = screen
    r, kinds = rng.random(), sorted({k for k, _ in widgets})
    if r < 0.45 and kinds:
        kind = rng.choice(kinds)
        box = rng.choice([b for k, b in widgets if k == kind])
    elif r < 0.85 and text:
        box = rng.choice(text)
    else:
        return rng.randint(0, max(0, rgb.shape[0] - need)), rng.randint(0, max(0, rgb.shape[1] - need))
    place = lambda low, high, size: min(max(0, int(rng.uniform(low, high) - rng.uniform(0.1, 0.9) * need)), max(0, size - need))
    return place(box[1], box[3], rgb.shape[0]), place(box[0], box[2], rgb.shape[1])


def sample(rng, screen):
    """A part of a screen, changed: (grey, text, widgets)."""
    rgb, text, widgets = screen
    scale = rng.uniform(0.85, 1.35) if rng.random() < 0.25 else 1.0
    need = math.ceil(CROP / scale)
    top, left = around(rng, screen, need)
    part = lines.luminance(rgb[top : top + need, left : left + need])
    if scale != 1.0:
        part = np.asarray(Image.fromarray(part).resize((round(part.shape[1] * scale), round(part.shape[0] * scale)), Image.BILINEAR))
    part = part[:CROP, :CROP]
    part = np.pad(part, ((0, CROP - part.shape[0]), (0, CROP - part.shape[1])), mode="edge").astype(np.float32) / 127.5 - 1
    r = rng.random()
    if r < 0.15:
        part = -part
    if r > 0.6:
        part = (part * rng.uniform(0.7, 1.1) + rng.uniform(-0.2, 0.2)).clip(-1, 1)
    move = lambda b: [(b[0] - left) * scale, (b[1] - top) * scale, (b[2] - left) * scale, (b[3] - top) * scale]
    seen = lambda b: b[2] > 1 and b[0] < CROP - 1 and 0 < (b[1] + b[3]) / 2 < CROP
    text = [[max(b[0], 0), b[1], min(b[2], CROP), b[3]] for b in map(move, text) if seen(b)]
    inside = lambda b: screens.overlap(b, (0, 0, CROP, CROP)) > 0.5 * screens.area(b)
    return part, text, [(k, b) for k, b in ((k, move(b)) for k, b in widgets) if inside(b)]


def batch(rng, stock):
    picked = [sample(rng, rng.choice(stock)) for _ in range(BATCH)]
    wanted = [target(text, widgets, CROP, CROP) for _, text, widgets in picked]
    x = torch.from_numpy(np.stack([p for p, _, _ in picked]))[:, None].float()
    return x, [torch.from_numpy(np.stack(part)) for part in zip(*wanted)]


def loss_of(out, wanted):
    core, text_edges, kind, kind_edges = wanted
    text = F.binary_cross_entropy_with_logits(out[:, TEXT], core, pos_weight=torch.tensor(1.5))
    weights = torch.full((1 + len(screens.KINDS),), 3.0)
    weights[0] = 1.0
    weights[3:7] = 10.0  # the small ones
    kinds = F.cross_entropy(out[:, KIND], kind, weights)
    near = lambda found, expected, where: (F.smooth_l1_loss(found, expected, reduction="none", beta=0.1).mean(1) * where).sum() / (where.sum() + 1)
    return 2 * text + near(out[:, TEXT_EDGES], text_edges, core) + kinds + 0.08 * near(out[:, KIND_EDGES], kind_edges, (kind > 0).float())


def components(labels):
    """[(label, rows, columns)] of 4-connected cells of one label that is not 0."""
    seen, out = np.zeros(labels.shape, bool), []
    high, wide = labels.shape
    for y, x in zip(*np.nonzero(labels)):
        if seen[y, x]:
            continue
        label, stack, ys, xs = labels[y, x], [(y, x)], [], []
        seen[y, x] = True
        while stack:
            a, b = stack.pop()
            ys.append(a)
            xs.append(b)
            for c, d in ((a - 1, b), (a + 1, b), (a, b - 1), (a, b + 1)):
                if 0 <= c < high and 0 <= d < wide and not seen[c, d] and labels[c, d] == label:
                    seen[c, d] = True
                    stack.append((c, d))
        out.append((int(label), np.array(ys), np.array(xs)))
    return out


def boxes(labels, edges, ends=3):
    """[(label, box, cells)] in pixels: top and bottom by all cells of a component, the sides by its ends."""
    out = []
    for label, ys, xs in components(labels):
        y, x = ys * CELL + CELL / 2, xs * CELL + CELL / 2
        e = edges[:, ys, xs] * UNIT
        first, last = xs < xs.min() + ends, xs > xs.max() - ends
        high, low = ys < ys.min() + ends, ys > ys.max() - ends
        out.append((label, (np.median((x - e[2])[first]), np.median((y - e[0])[high]), np.median((x + e[3])[last]), np.median((y + e[1])[low])), (ys, xs)))
    return out


def detect(model, grey):
    """(text boxes with scores, [(kind, box, score)]) of a whole screen."""
    high, wide = grey.shape
    x = np.pad(grey, ((0, -high % 8), (0, -wide % 8)), mode="edge").astype(np.float32) / 127.5 - 1
    with torch.no_grad():
        out = model(torch.from_numpy(x)[None, None])[0].numpy()
    core = 1 / (1 + np.exp(-out[TEXT]))
    text = [(box, float(core[cells].mean())) for _, box, cells in boxes((out[TEXT] > 0).astype(int), out[TEXT_EDGES])]
    kinds = np.exp(out[KIND] - out[KIND].max(0))
    kinds /= kinds.sum(0)
    widgets = [(screens.KINDS[k - 1], box, float(kinds[k][cells].mean())) for k, box, cells in boxes(kinds.argmax(0), out[KIND_EDGES])]
    return text, widgets


def iou(a, b):
    return screens.overlap(a, b) / max(1e-6, screens.area(a) + screens.area(b) - screens.overlap(a, b))


def evaluate(model, stock):
    model.eval()
    lines_all = lines_found = spurious = 0
    kinds = {k: [0, 0, 0] for k in screens.KINDS}
    for rgb, text, widgets in stock:
        found, shapes = detect(model, lines.luminance(rgb))
        lines_all += len(text)
        lines_found += sum(any(iou(t, f) > 0.6 for f, _ in found) for t in text)
        spurious += sum(not any(iou(t, f) > 0.6 for t in text) for f, _ in found)
        for kind, box in widgets:
            kinds[kind][0] += 1
            kinds[kind][1] += any(k == kind and iou(box, b) > 0.5 for k, b, _ in shapes)
        for kind, box, _ in shapes:
            kinds[kind][2] += not any(k == kind and iou(box, b) > 0.5 for k, b in widgets)
    told = " ".join(f"{k} {b}/{a}+{c}" for k, (a, b, c) in kinds.items())
    return f"lines {lines_found}/{lines_all} +{spurious} | {told}"


def stock_of(work):
    """Screens to train on, and one in twenty that is held out, whatever joins them later."""
    is_held = lambda path: zlib.crc32(path.stem.encode()) % 20 == 0
    return screens.load(work / "screens", lambda path: not is_held(path)), screens.load(work / "screens", is_held)


def train(model, args, work):
    stock, held = stock_of(work)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    state, step, spent = work / "detector.pt", 0, 0.0
    if state.exists():
        kept = torch.load(state, weights_only=False)
        model.load_state_dict(kept["model"])
        optimiser.load_state_dict(kept["optimiser"])
        step, spent = kept["step"], kept["spent"]
    average, scored = Average(model, kept.get("average") if step else None), Detector()
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 0.02  # light and dark screens in batches of four
    rng, clock, losses, told = random.Random(), time.process_time(), [], spent
    print(f"{len(stock)} screens, {len(held)} held out", flush=True)
    while spent < args.seconds:
        rng.seed(args.seed * 1_000_003 + step)
        for group in optimiser.param_groups:
            group["lr"] = args.rate * min(1.0, (step + 1) / 50) * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(1.0, spent / args.seconds))))
        x, wanted = batch(rng, stock)
        model.train()
        loss = loss_of(model(x), wanted)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        average.take(model)
        losses.append(loss.item())
        step += 1
        spent += time.process_time() - clock
        clock = time.process_time()
        if spent - told >= 30 or spent >= args.seconds:
            told = spent
            scored.load_state_dict(average.state)
            print(f"step {step} cpu {spent:.0f}s loss {np.mean(losses[-200:]):.4f} {evaluate(scored, held[:40])}", flush=True)
            clock = time.process_time()
            torch.save({"model": model.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(), "step": step, "spent": spent}, work / "detector.tmp")
            (work / "detector.tmp").rename(state)


def golden(tensors, path):
    """A made-up picture small enough to be told in full, and a few cells of its answer."""
    rng = np.random.default_rng(5)
    grey = np.full((48, 64), 230, np.uint8)
    grey[12:30, 6:50] = 180
    grey[16:26:2, 10:44:3] = 20
    grey = (grey + rng.integers(-6, 6, grey.shape)).astype(np.uint8)
    x = torch.from_numpy(grey.astype(np.float32) / 127.5 - 1)[None, None]
    with torch.no_grad():
        out = exported(tensors, x)[0]
    cells = [[int(y), int(x)] for y in range(0, 12, 3) for x in range(0, 16, 5)]
    told = {"high": 48, "wide": 64, "grey": grey.ravel().tolist(), "cells": cells,
            "outputs": [[round(v, 4) for v in out[:, y, x].tolist()] for y, x in cells]}
    path.write_text(json.dumps(told, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1200, help="CPU seconds of one thread")
    parser.add_argument("--work", default="/tmp/deskbound-starter")
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--export", metavar="FOLDER", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    work = pathlib.Path(args.work)
    model = Detector()
    if not args.export:
        return train(model, args, work)
    model.load_state_dict(finished(work / "detector.pt"))
    model.eval()
    path, answers = (args.export / place for place in ("weights/detector.safetensors", "golden/detector.json"))
    for file in (path, answers):
        file.parent.mkdir(parents=True, exist_ok=True)
    tensors = model.tensors()
    save_file(tensors, path)
    golden(load_file(path), answers)
    print("parameters", sum(v.numel() for v in tensors.values()), "sha256", hashlib.sha256(path.read_bytes()).hexdigest())
    print("held-out screens:", evaluate(model, stock_of(work)[1]))


if __name__ == "__main__":
    main()
