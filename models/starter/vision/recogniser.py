"""Trains the recogniser of `starter`'s vision: a line of text as a picture -> its characters.

    python recogniser.py --work FOLDER [--seconds N]     one CPU thread; resumes from the folder
    python recogniser.py --work FOLDER --export ..   writes weights and golden vectors

Needs torch, safetensors, numpy, PyGObject, pycairo; Debian's fonts-* named in MODELS.md; wamerican-small.
"""

import argparse
import collections
import hashlib
import json
import math
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import alphabet
import lines
import screens
from text import Texts

WIDTHS = (20, 40, 80, 160)
DILATIONS = (1, 2, 4, 8)
BATCH = 32
BATCHES = 4  # made together, then sorted by width
FRESH = 0.3  # the rest are lines seen before, cut anew
POOL = 24_000
SPOKEN = 0.35  # of them, lines of real widgets and pages whose text is known
AVERAGED = 0.998  # of the averaged weights, what stays at a step


class Folded(nn.Module):
    """A convolution with the normalisation that export folds into it."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv
        norm = nn.BatchNorm2d if isinstance(conv, nn.Conv2d) else nn.BatchNorm1d
        self.norm = norm(conv.out_channels)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))

    def folded(self):
        scale = self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt()
        weight = self.conv.weight * scale.reshape(-1, *[1] * (self.conv.weight.dim() - 1))
        return weight, self.norm.bias - self.norm.running_mean * scale


class Recogniser(nn.Module):
    """(line, 1, 24, width) -> (line, classes, width / 2)"""

    def __init__(self):
        super().__init__()
        a, b, c, d = WIDTHS
        self.stem = nn.ModuleList([
            Folded(nn.Conv2d(1, a, 3, padding=1, bias=False)),
            Folded(nn.Conv2d(a, b, 3, padding=1, bias=False)),
            Folded(nn.Conv2d(b, c, 3, padding=1, bias=False)),
            Folded(nn.Conv2d(c, d, 3, padding=(0, 1), bias=False)),
        ])
        self.blocks = nn.ModuleList([Folded(nn.Conv1d(d, d, 3, padding=n, dilation=n, bias=False)) for n in DILATIONS])
        self.out = nn.Conv1d(d, alphabet.CLASSES, 1)

    def forward(self, x):
        x = F.max_pool2d(self.stem[0](x), 2)
        x = F.max_pool2d(self.stem[1](x), (2, 1))
        x = F.max_pool2d(self.stem[2](x), (2, 1))
        x = self.stem[3](x).squeeze(2)
        for block in self.blocks:
            x = x + block(x)
        return self.out(x)

    def tensors(self):
        out = {}
        for name, parts in (("stem", self.stem), ("blocks", self.blocks)):
            for i, part in enumerate(parts):
                out[f"{name}.{i}.weight"], out[f"{name}.{i}.bias"] = part.folded()
        out["out.weight"], out["out.bias"] = self.out.weight, self.out.bias
        return {k: v.detach().to(torch.float16).contiguous() for k, v in out.items()}


def exported(tensors, x):
    """What the exported tensors compute, for the golden vectors: no module of the trainer."""
    t = {k: v.float() for k, v in tensors.items()}
    for i, pool in enumerate(((2, 2), (2, 1), (2, 1), (1, 1))):
        x = F.relu(F.conv2d(x, t[f"stem.{i}.weight"], t[f"stem.{i}.bias"], padding=(0, 1) if i == 3 else 1))
        x = F.max_pool2d(x, pool)
    x = x.squeeze(2)
    for i, n in enumerate(DILATIONS):
        x = x + F.relu(F.conv1d(x, t[f"blocks.{i}.weight"], t[f"blocks.{i}.bias"], padding=n, dilation=n))
    return F.conv1d(x, t["out.weight"], t["out.bias"])


def stack(pictures):
    """Pictures of several widths in one tensor, background at their right."""
    wide = max(p.shape[1] for p in pictures)
    wide += wide % 2
    out = np.zeros((len(pictures), 1, lines.ROWS, wide), np.float32)
    for row, p in zip(out, pictures):
        row[0, :, : p.shape[1]] = p
    return torch.from_numpy(out)


class Average:
    """The mean of the last few hundred steps' weights: what is scored and exported."""

    def __init__(self, model, kept=None):
        self.state = {k: v.detach().clone() for k, v in (kept or model.state_dict()).items()}

    def take(self, model):
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.state[name].lerp_(value, 1 - AVERAGED)
            else:
                self.state[name].copy_(value)


def finished(path):
    """The weights of a training folder to be used."""
    kept = torch.load(path, weights_only=False)
    return kept.get("average") or kept["model"]


class Source:
    """Batches of lines, each drawn line used a few times in other cuts."""

    def __init__(self, seed, spoken=()):
        self.seed, self.spoken = seed, spoken
        self.rng = random.Random(seed)
        self.texts = Texts(self.rng)
        self.pool = collections.deque(maxlen=POOL)

    def batches(self, step, longest):
        self.rng.seed(self.seed * 1_000_003 + step)
        wanted, items = BATCH * BATCHES, []
        fresh = max(int(wanted * FRESH), wanted - len(self.pool)) if len(self.pool) < wanted else int(wanted * FRESH)
        drawn = [lines.draw(self.rng, self.texts, longest) for _ in range(fresh)]
        again = [self.rng.choice(self.pool) for _ in range(wanted - fresh)]
        if self.spoken:
            again = [self.rng.choice(self.spoken) if self.rng.random() < SPOKEN and longest > 30 else line for line in again]
        for picture, box, text in drawn + again:
            x = lines.crop(self.rng, picture, box)
            # CTC needs a step for every character and one between two alike.
            if x is not None and x.shape[1] // 2 > len(text) + sum(a == b for a, b in zip(text, text[1:])):
                items.append((x, text))
        self.pool.extend(drawn)
        items.sort(key=lambda item: item[0].shape[1])
        parts = [items[i : i + BATCH] for i in range(0, len(items), BATCH)]
        self.rng.shuffle(parts)
        return [p for p in parts if len(p) > 4]


def longest(done):
    """Short lines first: without this the network stays blank."""
    return 5 if done < 0.05 else 10 if done < 0.12 else 24 if done < 0.3 else 56


def loss_of(model, part):
    x = stack([p for p, _ in part])
    logits = model(x).permute(2, 0, 1).log_softmax(-1)
    targets = [alphabet.classes(t) for _, t in part]
    steps = torch.tensor([(p.shape[1] + 1) // 2 for p, _ in part])
    sizes = torch.tensor([len(t) for t in targets])
    flat = torch.tensor([c for t in targets for c in t])
    return F.ctc_loss(logits, flat, steps, sizes, blank=alphabet.BLANK, reduction="none", zero_infinity=True).div(sizes.clamp(min=4)).mean()


def train(model, args, work):
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    state, step, spent = work / "recogniser.pt", 0, 0.0
    if state.exists():
        kept = torch.load(state, weights_only=False)
        model.load_state_dict(kept["model"])
        optimiser.load_state_dict(kept["optimiser"])
        step, spent = kept["step"], kept["spent"]
    average, scored = Average(model, kept.get("average") if step else None), Recogniser()
    spoken = screens.spoken(work / "screens", set(alphabet.CHARACTERS), 56)
    print(f"{len(spoken)} lines of screens", flush=True)
    source, clock, losses, told = Source(args.seed, spoken), time.process_time(), [], spent
    while spent < args.seconds:
        for part in source.batches(step, longest(spent / args.seconds)):
            done = min(1.0, spent / args.seconds)
            for group in optimiser.param_groups:
                group["lr"] = args.rate * min(1.0, (step + 1) / 50) * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * done)))
            model.train()
            loss = loss_of(model, part)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            average.take(model)
            losses.append(loss.item())
            spent += time.process_time() - clock
            clock = time.process_time()
        step += 1
        if spent - told >= 30 or spent >= args.seconds:
            told = spent
            scored.load_state_dict(average.state)
            score = evaluate(scored, held(200))
            print(f"step {step} lines {step * BATCH * BATCHES} cpu {spent:.0f}s loss {np.mean(losses[-200:]):.3f} {score}", flush=True)
            clock = time.process_time()
            torch.save({"model": model.state_dict(), "average": average.state, "optimiser": optimiser.state_dict(), "step": step, "spent": spent}, work / "recogniser.tmp")
            (work / "recogniser.tmp").rename(state)


_held = {}


def held(count):
    """Lines of a seed that training never uses; the words and fonts are the same."""
    if count not in _held:
        rng = random.Random(987_654_321)
        texts, out = Texts(rng), []
        while len(out) < count:
            picture, box, text = lines.draw(rng, texts, 56)
            x = lines.crop(rng, picture, box)
            if x is not None:
                out.append((x, text))
        _held[count] = out
    return _held[count]


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        before, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            before, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, before + (x != y))
    return row[-1]


def read(model, pictures):
    model.eval()
    with torch.no_grad():
        return [alphabet.greedy(model(stack([p]))[0].argmax(0).tolist()).strip() for p in pictures]


def evaluate(model, rows):
    found = read(model, [p for p, _ in rows])
    wrong = sum(distance(f, t) for f, (_, t) in zip(found, rows))
    singles = [f == t for f, (_, t) in zip(found, rows) if len(t) == 1]
    return (f"characters wrong {wrong / sum(len(t) for _, t in rows):.4f} lines right "
            f"{np.mean([f == t for f, (_, t) in zip(found, rows)]):.3f} singles {np.mean(singles):.3f}")


def golden(tensors, path):
    out = []
    for picture, text in held(200)[:60]:
        if len(out) < 5 and picture.shape[1] <= 90:
            with torch.no_grad():
                logits = exported(tensors, stack([picture]))[0]
            best = logits.argmax(0)
            out.append({
                "text": text, "read": alphabet.greedy(best.tolist()).strip(), "width": picture.shape[1],
                "picture": [int(round(float(v) * 255)) for v in picture.clip(-1, 1).ravel()],
            })
            exact = torch.tensor(out[-1]["picture"], dtype=torch.float32).reshape(1, 1, lines.ROWS, -1) / 255
            with torch.no_grad():
                logits = exported(tensors, F.pad(exact, (0, exact.shape[-1] % 2)))[0]
            out[-1]["logits"] = [[round(v, 4) for v in logits[:, t].tolist()] for t in range(0, logits.shape[1], 7)]
    path.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2100, help="CPU seconds of one thread")
    parser.add_argument("--work", default="/tmp/deskbound-starter")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--export", metavar="FOLDER", type=pathlib.Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    work = pathlib.Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    model = Recogniser()
    if not args.export:
        return train(model, args, work)
    model.load_state_dict(finished(work / "recogniser.pt"))
    model.eval()
    path, answers = (args.export / place for place in ("weights/recogniser.safetensors", "golden/recogniser.json"))
    for file in (path, answers):
        file.parent.mkdir(parents=True, exist_ok=True)
    tensors = model.tensors()
    save_file(tensors, path)
    golden(load_file(path), answers)
    print("parameters", sum(v.numel() for v in tensors.values()), "sha256", hashlib.sha256(path.read_bytes()).hexdigest())
    print("1,000 held-out lines:", evaluate(model, held(1000)))


if __name__ == "__main__":
    main()
