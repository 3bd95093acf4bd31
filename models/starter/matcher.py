"""Trains the matcher and exports it: `python matcher.py [--seconds N] [--work DIR]`.

Resumes from DIR. Writes weights/matcher.safetensors (f16), golden/matcher.json and prints the
held-out scores that MODELS.md quotes.
"""

import argparse
import hashlib
import json
import math
import pathlib
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import words
from labels import Labels

BUCKETS, WIDTH = 12288, 64
GRAMS_WEIGH = 3.0  # so that a slip or an ending changes little
PHRASE, NAME, ROLE, CONTEXT = range(4)
LIMITS = {PHRASE: 24, NAME: 16, ROLE: 4, CONTEXT: 12}  # tokens of each field
BATCH = 32
HERE = pathlib.Path(__file__).parent


class Matcher(torch.nn.Module):
    """Late interaction: every word of one side looks for its best partner on the other."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(BUCKETS, WIDTH) * 0.2)
        self.hidden = torch.nn.Linear(WIDTH, WIDTH)
        self.embed = torch.nn.Linear(WIDTH, WIDTH)
        self.weight = torch.nn.Linear(WIDTH, 2)  # of a word in the phrase, of a word in a thing
        self.pool = torch.nn.Linear(WIDTH, WIDTH)
        self.field_scale = torch.nn.Parameter(torch.tensor([1.0, 1.0, 0.5, 0.5]))
        self.field_weight = torch.nn.Parameter(torch.tensor([0.0, 0.0, -1.0, -1.0]))
        self.mix = torch.nn.Parameter(torch.tensor([8.0, 4.0, 4.0]))
        self.nothing = torch.nn.Parameter(torch.tensor([8.0]))

    def words(self, bag):
        """(embedding of length 1, weights) of each distinct token."""
        ids, offsets, weights = bag
        b = F.embedding_bag(ids, self.table, offsets, mode="sum", per_sample_weights=weights)
        h = F.relu(self.hidden(b))
        return F.normalize(self.embed(h) + b, dim=-1), self.weight(h)

    def forward(self, bag, phrase, things, fields):
        """phrase (B,P), things and fields (B,K,C), -1 where empty: logits (B,K+1), last: nothing."""
        e, w = self.words(bag)
        p_live, c_live = phrase >= 0, things >= 0
        p, c = e[phrase.clamp(min=0)], e[things.clamp(min=0)]
        gp = F.softplus(w[phrase.clamp(min=0)][..., 0]) * p_live
        gc = F.softplus(w[things.clamp(min=0)][..., 1] + self.field_weight[fields]) * c_live
        sim = torch.einsum("bpd,bkcd->bkpc", p, c)
        scaled = (sim * self.field_scale[fields][:, :, None]).masked_fill(~c_live[:, :, None], -1.0)
        said = (scaled.amax(-1) * gp[:, None]).sum(-1) / (gp.sum(-1)[:, None] + 1e-4)
        named = gc * (fields == NAME)
        best = sim.masked_fill(~p_live[:, None, :, None], -1.0).amax(-2)
        shown = (best * named).sum(-1) / (named.sum(-1) + 1e-4)
        pp = F.normalize(self.pool((p * gp[..., None]).sum(1)), dim=-1)
        cc = F.normalize(self.pool((c * gc[..., None]).sum(2)), dim=-1)
        whole = torch.einsum("bd,bkd->bk", pp, cc)
        logits = self.mix[0] * said + self.mix[1] * shown + self.mix[2] * whole
        logits = logits.masked_fill(~c_live.any(-1), -1e4)
        return torch.cat([logits, self.nothing.expand(len(logits), 1)], -1)


def field_tokens(role, name, context):
    """[(token, field)] of one thing."""
    out = []
    for text, field in ((name, NAME), (role, ROLE), (context, CONTEXT)):
        out += [(t, field) for t in symbols(text)[: LIMITS[field]]]
    return out


def symbols(text):
    """Words of a label; a label without any is the text itself."""
    found = words.subwords(text)
    return found or [words.lower(text.strip())][: len(text.strip())]


def inputs(episodes, rng=None, drop_word=0.0):
    seen = {}
    rank = lambda t: seen.setdefault(t, len(seen))
    phrases = [[rank(t) for t in symbols(e.phrase)[: LIMITS[PHRASE]]] for e in episodes]
    things = [[[(rank(t), f) for t, f in field_tokens(*c)] for c in e.candidates] for e in episodes]
    ids, offsets, weights = [], [], []
    for token in seen:
        offsets.append(len(ids))
        for n, (i, w) in enumerate(words.features(token, BUCKETS, GRAMS_WEIGH)):
            ids.append(i)
            weights.append(0.0 if n == 0 and rng and rng.random() < drop_word else w)
    k, c = max(map(len, things)), max([len(t) for row in things for t in row] + [1])
    width = max(max(map(len, phrases)), 1)
    phrase = torch.tensor([p + [-1] * (width - len(p)) for p in phrases])
    token = np.full((len(episodes), k, c), -1)
    field = np.zeros((len(episodes), k, c), dtype=np.int64)
    for b, row in enumerate(things):
        for j, thing in enumerate(row):
            for i, (t, f) in enumerate(thing):
                token[b, j, i], field[b, j, i] = t, f
    bag = (torch.tensor(ids), torch.tensor(offsets), torch.tensor(weights))
    return bag, phrase, torch.tensor(token), torch.tensor(field)


def targets(episodes, k):
    return torch.tensor([e.gold if e.gold >= 0 else k for e in episodes])


def episodes(labels, count, size):
    out = []
    while len(out) < count:
        e = labels.episode(size)
        if e.candidates and symbols(e.phrase):
            out.append(e)
    return out


def train(model, args, work):
    scalars = {"mix", "nothing", "field_scale", "field_weight"}
    named = list(model.named_parameters())
    groups = [
        {"params": [p for n, p in named if p.dim() > 1 and n != "table"], "weight_decay": 0.02},
        {"params": [p for n, p in named if n not in scalars and (p.dim() == 1 or n == "table")],
         "weight_decay": 0.0},
        {"params": [p for n, p in named if n in scalars], "weight_decay": 0.0, "faster": 8},
    ]
    optimiser = torch.optim.AdamW(groups, lr=args.rate)
    state, step, spent = work / "matcher.pt", 0, 0.0
    if state.exists():
        kept = torch.load(state, weights_only=False)
        model.load_state_dict(kept["model"])
        optimiser.load_state_dict(kept["optimiser"])
        step, spent = kept["step"], kept["spent"]
    clock, losses = time.process_time(), []
    labels = Labels(random.Random(args.seed))
    while spent < args.seconds:
        labels.rng.seed(args.seed * 1_000_003 + step)
        batch = episodes(labels, BATCH, labels.rng.randint(4, 16))
        bag, phrase, things, fields = inputs(batch, labels.rng, 0.15)
        done = spent / args.seconds
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group.get("faster", 1) * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * done))
        logits = model(bag, phrase, things, fields)
        loss = F.cross_entropy(logits, targets(batch, things.shape[1]))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        spent += time.process_time() - clock
        clock = time.process_time()
        if step % 500 == 0 or spent >= args.seconds:
            print(f"step {step} cpu {spent:.0f}s loss {np.mean(losses[-500:]):.4f}", flush=True)
            torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(),
                        "step": step, "spent": spent}, state)
    return step * BATCH


def evaluate(model, rows, temperature):
    right, sure, here = [], [], []
    for i in range(0, len(rows), 50):
        part = rows[i : i + 50]
        with torch.no_grad():
            args = inputs(part)
            p = (model(*args) / temperature).softmax(-1)
        k = args[2].shape[1]
        right += (p.argmax(-1) == targets(part, k)).tolist()
        sure += p.amax(-1).tolist()
        here += [e.gold >= 0 for e in part]
    return np.array(right), np.array(sure), np.array(here)


def report(model, title, held, temperature, seed, size):
    rows = episodes(Labels(random.Random(seed), held), 2000, size)
    right, sure, here = evaluate(model, rows, temperature)
    files = np.array(["." in e.candidates[e.gold][1] if e.gold >= 0 else False for e in rows])
    print(f"{title}: top-1 where present {right[here].mean():.3f} (files with an ending "
          f"{right[files].mean():.3f}), absent seen as absent {right[~here].mean():.3f}")
    for limit in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        over = sure > limit
        print(f"  probability > {limit}: covers {over.mean():.3f}, right {right[over].mean():.3f}")


def export(model, path):
    tensors = {k: v.detach().to(torch.float16).contiguous() for k, v in model.state_dict().items()}
    tensors["temperature"] = torch.tensor([model.temperature], dtype=torch.float16)
    save_file(tensors, path)
    again = Matcher()
    loaded = {k: v.float() for k, v in load_file(path).items()}
    again.temperature = float(loaded.pop("temperature"))
    again.load_state_dict(loaded)
    return again.eval(), hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


GOLDEN = [
    ("my holiday notes", [("icon", "holiday-notes.txt", ""), ("icon", "notes.md", "text"),
                          ("push button", "Save As\u2026", "toolbar")]),
    ("the button that saves", [("push button", "Save", ""), ("push button", "Open", ""), ("menu", "File", "")]),
    ("times", [("button", "\u00d7", ""), ("button", "+", ""), ("button", "7", "")]),
    ("na\u00efve TaxPlan2019", [("table cell", "Na\u00efve_tax-plan 2019.ods", "12 kB"), ("label", "", "")]),
    ("!!", [("menu item", "Quit", "Ctrl+Q")]),
]


def golden(model, path):
    from labels import Episode
    out = []
    for phrase, things in GOLDEN:
        episode = Episode(phrase, things, -1)
        with torch.no_grad():
            logits = model(*inputs([episode]))[0].tolist()
        out.append({
            "phrase": phrase, "candidates": things, "logits": [round(v, 5) for v in logits],
            "phrase_tokens": symbols(phrase),
            "features": [[i for i, _ in words.features(t, BUCKETS)] for t in symbols(phrase)],
        })
    path.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=190, help="CPU seconds of one thread")
    parser.add_argument("--work", default="/tmp/deskbound-starter")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--rate", type=float, default=3e-3)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    work = pathlib.Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    model = Matcher()
    seen = train(model, args, work)
    model.eval()
    rows = episodes(Labels(random.Random(97), True), 1500, 12)
    k_nll = []
    for t in (0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.2):
        right, sure, _ = evaluate(model, rows, t)
        p = np.clip(sure, 1e-3, 1 - 1e-3)
        k_nll.append((-np.mean(np.where(right, np.log(p), np.log(1 - p))), t))
    model.temperature = min(k_nll)[1]
    model, digest = export(model, HERE / "weights/matcher.safetensors")
    golden(model, HERE / "golden/matcher.json")
    parameters = sum(p.numel() for p in model.parameters())
    print(f"parameters {parameters} episodes {seen} temperature {model.temperature} sha256 {digest}")
    report(model, "trained phrases and words, 12 candidates", False, model.temperature, 50, 12)
    report(model, "held-out phrases and words, 12 candidates", True, model.temperature, 51, 12)
    report(model, "held-out phrases and words, 40 candidates", True, model.temperature, 52, 40)


if __name__ == "__main__":
    main()
