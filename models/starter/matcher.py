"""Trains the matcher: `python matcher.py --work DIR`, then `python matcher.py --work DIR --seconds 192
--everything`.

The first holds concepts, phrases and words out, prints the scores that MODELS.md quotes, and measures
how probability is to be read; the second goes on from there with all there is, and writes
weights/matcher.safetensors (f16) and golden/matcher.json. Both resume from DIR.
"""

import argparse
import hashlib
import json
import math
import pathlib
import random
import time
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

import words
from episodes import Episode, Screens

BUCKETS, WIDTH, HIDDEN = 16384, 96, 192
GRAMS_WEIGH = 3.0  # so that a slip or an ending changes little
PHRASE, NAME, ROLE, CONTEXT = range(4)
LIMITS = {PHRASE: 24, NAME: 16, ROLE: 4, CONTEXT: 12}  # tokens of each field
BATCH, NOISE = 64, 40
BOLD = 0.5  # so many times as probable as nothing it must be to be chosen, as in the program
WHOLE_ALONE = 0.3  # of the loss: by the whole alone, so that it learns what no word says
HERE = pathlib.Path(__file__).parent


class Matcher(torch.nn.Module):
    """Late interaction: every word of one side looks for its best partner on the other; and both as
    wholes, of their words and pairs of words."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(BUCKETS, WIDTH) * 0.2)
        self.hidden = torch.nn.Linear(WIDTH, WIDTH)
        self.embed = torch.nn.Linear(WIDTH, WIDTH)
        self.weight = torch.nn.Linear(WIDTH, 2)  # of a word in the phrase, of a word in a thing
        self.pool = torch.nn.Linear(WIDTH, WIDTH)
        self.deep = torch.nn.Linear(WIDTH, HIDDEN)
        self.deeper = torch.nn.Linear(HIDDEN, WIDTH)
        self.field_scale = torch.nn.Parameter(torch.tensor([1.0, 1.0, 0.5, 0.5]))
        self.field_weight = torch.nn.Parameter(torch.tensor([0.0, 0.0, -1.0, -1.0]))
        self.mix = torch.nn.Parameter(torch.tensor([8.0, 4.0, 6.0]))
        self.nothing = torch.nn.Parameter(torch.tensor([8.0, 0.0]))  # and for each e-fold of things

    def words(self, bag):
        """(embedding of length 1, weights) of each distinct token."""
        b = self.rows(bag)
        h = F.relu(self.hidden(b))
        return F.normalize(self.embed(h) + b, dim=-1), self.weight(h)

    def rows(self, bag):
        ids, offsets, weights = bag
        if len(offsets) == 0:
            return self.table.new_zeros(0, WIDTH)
        return F.embedding_bag(ids, self.table, offsets, mode="sum", per_sample_weights=weights)

    def whole(self, summed):
        return F.normalize(self.pool(summed) + self.deeper(F.relu(self.deep(summed))), dim=-1)

    def forward(self, bag, pair_bag, phrase, phrase_pairs, things, thing_pairs, fields, sees):
        """phrase (B,P), things and fields (N,C), -1 where empty, sees (B,N): logits (B,N+1), the last
        for nothing, and those of the wholes alone."""
        e, w = self.words(bag)
        pairs = torch.cat([self.rows(pair_bag), self.table.new_zeros(1, WIDTH)])  # -1: none
        p_live, c_live = phrase >= 0, things >= 0
        p, c = e[phrase.clamp(min=0)], e[things.clamp(min=0)]
        gp = F.softplus(w[phrase.clamp(min=0)][..., 0]) * p_live
        gc = F.softplus(w[things.clamp(min=0)][..., 1] + self.field_weight[fields]) * c_live
        sim = torch.matmul(p.reshape(-1, WIDTH), c.reshape(-1, WIDTH).T)
        sim = sim.view(*phrase.shape, *things.shape)  # B,P,N,C
        scaled = (sim * self.field_scale[fields]).masked_fill(~c_live, -1.0)
        said = (scaled.max(-1).values * gp[..., None]).sum(1) / (gp.sum(1)[:, None] + 1e-4)
        named = gc * (fields == NAME)
        best = sim.masked_fill(~p_live[:, :, None, None], -1.0).max(1).values
        shown = (best * named).sum(-1) / (named.sum(-1) + 1e-4)
        pp = self.whole((p * gp[..., None]).sum(1) + pairs[phrase_pairs].sum(1))
        cc = self.whole((c * gc[..., None]).sum(1) + pairs[thing_pairs].sum(1))
        whole = pp @ cc.T
        logits = self.mix[0] * said + self.mix[1] * shown + self.mix[2] * whole
        hidden = ~sees | ~c_live.any(-1)
        count = (~hidden).sum(1, keepdim=True).float()
        nothing = self.nothing[0] + self.nothing[1] * torch.log1p(count)
        return (torch.cat([logits.masked_fill(hidden, -1e4), nothing], -1),
                (self.mix[2] * 2 * whole).masked_fill(hidden, -1e4))


@lru_cache(maxsize=200_000)
def symbols(text):
    """Words of a label; a label without any is the text itself."""
    found = words.subwords(text)
    return tuple(found or [words.lower(text.strip())][: len(text.strip())])


def field_tokens(role, name, context):
    """[(token, field)] of one thing."""
    out = []
    for text, field in ((name, NAME), (role, ROLE), (context, CONTEXT)):
        out += [(t, field) for t in symbols(text)[: LIMITS[field]]]
    return out


def pairs_of(tokens):
    """Neighbours, each pair as one."""
    return [f"{a} {b}" for a, b in zip(tokens, tokens[1:])]


def pair_bucket(pair):
    return words.fnv1a(b"p:" + pair.encode()) % BUCKETS


def padded(rows):
    width = max(max(map(len, rows)), 1)
    return torch.tensor([list(row) + [-1] * (width - len(row)) for row in rows])


def inputs(phrases, things, sees, rng=None, drop_word=0.0):
    seen, seen_pairs = {}, {}
    rank = lambda t: seen.setdefault(t, len(seen))
    rank_pair = lambda t: seen_pairs.setdefault(t, len(seen_pairs))
    spoken = [symbols(p)[: LIMITS[PHRASE]] for p in phrases]
    drawn = [field_tokens(*thing) for thing in things]
    phrase = padded([[rank(t) for t in row] for row in spoken])
    phrase_pairs = padded([[rank_pair(t) for t in pairs_of(row)] for row in spoken])
    token = padded([[rank(t) for t, _ in row] for row in drawn])
    fields = padded([[f for _, f in row] for row in drawn]).clamp(min=0)
    names = [[t for t, f in row if f == NAME] for row in drawn]
    thing_pairs = padded([[rank_pair(t) for t in pairs_of(row)] for row in names])
    ids, offsets, weights = [], [], []
    for one in seen:
        offsets.append(len(ids))
        drops = rng is not None and rng.random() < drop_word
        for n, (i, w) in enumerate(words.features(one, BUCKETS, GRAMS_WEIGH)):
            ids.append(i)
            weights.append(0.0 if n == 0 and drops else w)
    bag = (torch.tensor(ids), torch.tensor(offsets), torch.tensor(weights))
    ids = [pair_bucket(p) for p in seen_pairs]
    weights = [0.0 if rng is not None and rng.random() < 2 * drop_word else 1.0 for _ in ids]
    pair_bag = (torch.tensor(ids, dtype=torch.long), torch.arange(len(ids)), torch.tensor(weights))
    return bag, pair_bag, phrase, phrase_pairs, token, thing_pairs, fields, sees


def batch(screens):
    """(inputs, targets) of one step: who asks sees the meant thing or not, and some of the others."""
    r = screens.rng
    while True:
        pool, called, asked = screens.batch(BATCH, NOISE)
        asked = [a for a in asked if symbols(a.phrase)]
        if asked:
            break
    sees = np.zeros((len(asked), len(pool)), dtype=bool)
    wanted = []
    chance = np.random.default_rng(r.getrandbits(32))
    for row, a in enumerate(asked):
        share = math.exp(r.uniform(math.log(4), math.log(170))) / len(pool)
        sees[row] = chance.random(len(pool)) < share
        for i, name in enumerate(called):
            if name in a.names:
                sees[row, i] = False
        is_there = r.random() < 0.8
        for i in a.near:
            # A bystander of the same name is no other thing when the meant one is away.
            sees[row, i] = is_there or pool[i][1] != pool[a.meant][1]
        sees[row, a.meant] = is_there
        wanted.append(a.meant if is_there else len(pool))
    args = inputs([a.phrase for a in asked], pool, torch.from_numpy(sees), r, 0.12)
    return args, torch.tensor(wanted)


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
    clock, losses, rights = time.process_time(), [], []
    screens = Screens(random.Random(args.seed), None if args.everything else False)
    while spent < args.seconds:
        screens.rng.seed(args.seed * 1_000_003 + step)
        given, wanted = batch(screens)
        done = spent / args.seconds
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group.get("faster", 1) * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * done))
        logits, wholes = model(*given)
        loss = F.cross_entropy(logits, wanted)
        there = wanted < wholes.shape[1]
        rights.append((logits.argmax(-1) == wanted).float().mean().item())
        whole_loss = F.cross_entropy(wholes[there], wanted[there])
        optimiser.zero_grad()
        (loss + WHOLE_ALONE * whole_loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        spent += time.process_time() - clock
        clock = time.process_time()
        if step % 250 == 0 or spent >= args.seconds:
            print(f"step {step} cpu {spent:.0f}s loss {np.mean(losses[-250:]):.4f} right {np.mean(rights[-250:]):.3f}", flush=True)
            torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(),
                        "step": step, "spent": spent}, state)
    return step * BATCH


def logits_of(model, episode):
    sees = torch.ones(1, len(episode.candidates), dtype=torch.bool)
    with torch.no_grad():
        return model(*inputs([episode.phrase], episode.candidates, sees))[0][0]


def export(model, path):
    tensors = {k: v.detach().to(torch.float16).contiguous() for k, v in model.state_dict().items()}
    tensors["temperature"] = torch.tensor([model.temperature], dtype=torch.float16)
    tensors["calibration"] = torch.tensor(model.calibration, dtype=torch.float32)
    save_file(tensors, path)
    again = Matcher()
    loaded = {k: v.float() for k, v in load_file(path).items()}
    again.temperature = float(loaded.pop("temperature"))
    again.calibration = loaded.pop("calibration").tolist()
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
    out = []
    for phrase, things in GOLDEN:
        out.append({
            "phrase": phrase, "candidates": things,
            "logits": [round(v, 5) for v in logits_of(model, Episode(phrase, things, -1)).tolist()],
            "phrase_tokens": symbols(phrase),
            "features": [[i for i, _ in words.features(t, BUCKETS)] for t in symbols(phrase)],
        })
    path.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")


def episodes(held, seed, count, size, seen):
    """So many, of things in a tree or in pixels."""
    screens, out = Screens(random.Random(seed), held), []
    while len(out) < count:
        e = screens.episode(size)
        if screens.is_seen == seen and e.candidates and symbols(e.phrase):
            out.append(e)
    return out


def report(model, title, rows):
    tally = {}
    for e in rows:
        p = (logits_of(model, e) / model.temperature).softmax(-1)
        best = int(p.argmax())
        gold = e.gold if e.gold >= 0 else len(e.candidates)
        tally.setdefault(e.gold >= 0, []).append((best == gold, float(p[best]), best < len(e.candidates)))
    here, away = np.array(tally[True]), np.array(tally[False])
    every = np.concatenate([here, away])
    error = 0.0
    for step in range(10):
        inside = np.minimum((every[:, 1] * 10).astype(int), 9) == step
        error += abs((every[inside, 1] - every[inside, 0]).sum())
    print(f"{title}: there {here[:, 0].mean():.3f} ({(here[:, 2] * (1 - here[:, 0])).mean():.3f} another, "
          f"{(1 - here[:, 2]).mean():.3f} said to be nowhere), absent {away[:, 0].mean():.3f}, "
          f"calibration error {error / len(every):.3f}", flush=True)


def cool(model, rows):
    """The temperature at which what is right is least surprising."""
    found = []
    logits = [logits_of(model, e) for e in rows]
    gold = [e.gold if e.gold >= 0 else len(e.candidates) for e in rows]
    for t in np.arange(0.5, 4.0, 0.1):
        loss = np.mean([-(l / t).log_softmax(-1)[g].item() for l, g in zip(logits, gold)])
        found.append((loss, t))
    return float(min(found)[1])


def answer(model, phrase, things):
    """(place of the best, probability of all of its name, probability of nothing), as the program."""
    p = (logits_of(model, Episode(phrase, things, -1)) / model.temperature).softmax(-1)
    best = int(p[:-1].argmax())
    name = things[best][1].strip().lower()
    together = sum(float(q) for q, t in zip(p, things) if t[1].strip().lower() == name)
    return best, together, float(p[-1])


def developed(model, seen):
    """[(probability chosen, of nothing, right, there)] of the phrases in `development.json` that no
    rule answers."""
    for screen in json.loads((HERE / "development.json").read_text(encoding="utf-8")):
        things = [t for t in screen["things"] if t[1].strip() or not seen]
        given = [("text", t[1], "seen") if seen else tuple(t[:3]) for t in things]
        for said, phrase, meant in screen["phrases"]:
            if said in ("named", "guided"):
                continue
            best, together, nothing = answer(model, phrase, given)
            x, y, width, height = things[best][3]
            is_right = bool(meant) and (meant[0] <= x + width / 2 <= meant[0] + meant[2]
                                        and meant[1] <= y + height / 2 <= meant[1] + meant[3])
            yield together, nothing, is_right, bool(meant)


def generated(model, seen):
    for e in episodes(True, 77, 300, 40, seen):
        if any(symbols(e.phrase) == symbols(c[1]) for c in e.candidates):
            continue  # to the letter: a rule answers it
        best, together, nothing = answer(model, e.phrase, e.candidates)
        is_right = e.gold >= 0 and e.candidates[best][1] == e.candidates[e.gold][1]
        yield together, nothing, is_right, e.gold >= 0


def calibrate(model):
    """By tree and pixels, chosen and nothing: offset and slope from log-odds to those of being right.
    A phrase written by hand counts twice."""
    out = []
    for seen in (False, True):
        rows = [(row, 1.0) for row in developed(model, seen)] + [(row, 0.5) for row in generated(model, seen)]
        is_chosen = lambda row: row[0] > BOLD * row[1]
        chosen = [(row[0], row[2], w) for row, w in rows if is_chosen(row)]
        none = [(row[1], not row[3], w) for row, w in rows if not is_chosen(row)]
        out.append([platt(chosen), platt(none)])
    return out


def platt(rows):
    p, right, weight = (np.array(column, dtype=float) for column in zip(*rows))
    p = np.clip(p, 1e-4, 1 - 1e-4)
    odds, offset, slope = np.log(p / (1 - p)), 0.0, 1.0
    for _ in range(4000):
        off = (1 / (1 + np.exp(-(offset + slope * odds))) - right) * weight / weight.sum()
        offset, slope = offset - 2.0 * off.sum(), slope - 0.5 * (off * odds).sum()
    return [round(float(offset), 3), round(float(slope), 3)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=140, help="CPU seconds of one thread")
    parser.add_argument("--work", default="/tmp/deskbound-starter")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--everything", action="store_true", help="hold nothing out, and export")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    work = pathlib.Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    model = Matcher()
    seen = train(model, args, work)
    model.eval()
    print(f"parameters {sum(p.numel() for p in model.parameters())} phrases {seen}")
    measured = work / "matcher-measured.json"
    if args.everything:
        # Of what is known by heart nothing can be learned about doubt.
        model.temperature, model.calibration = json.loads(measured.read_text())
        model, digest = export(model, HERE / "weights/matcher.safetensors")
        golden(model, HERE / "golden/matcher.json")
        print("sha256", digest)
        return
    model.temperature = cool(model, episodes(True, 97, 500, 25, False))
    model.calibration = calibrate(model)
    measured.write_text(json.dumps([model.temperature, model.calibration]))
    print(f"temperature {model.temperature} calibration {model.calibration}")
    for size in (12, 60):
        for is_seen in (False, True):
            where = "in pixels" if is_seen else "in a tree"
            report(model, f"trained, {size} {where}", episodes(False, 50, 300, size, is_seen))
            report(model, f"held out, {size} {where}", episodes(True, 51, 300, size, is_seen))


if __name__ == "__main__":
    main()
