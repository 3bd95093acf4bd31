"""Makes eval/src/import/osworld/metric/golden: small pictures, and what OSWorld's metrics give for them.

    python eval/reference/osworld.py CHECKOUT

with a checkout of OSWorld (desktop_env/evaluators/metrics), scikit-image and Pillow. The metrics are
run as they stand there; what they import and these do not need is left out.
"""

import difflib
import json
import pathlib
import sys
import types

import numpy as np
from PIL import Image, ImageDraw

OUT = pathlib.Path(__file__).parents[1] / "src/import/osworld/metric/golden"
METRICS = pathlib.Path(sys.argv[1]) / "desktop_env/evaluators/metrics"


class Anything(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(name)

    def __call__(self, *args, **kwargs):
        return self


def loaded(name):
    for missing in ("acoustid cv2 imagehash librosa fastdtw lxml.cssselect pdfplumber yaml docx rapidfuzz "
                    "desktop_env desktop_env.evaluators desktop_env.evaluators.metrics "
                    "desktop_env.evaluators.metrics.utils").split():
        sys.modules.setdefault(missing, Anything(missing))
    source = (METRICS / f"{name}.py").read_text()
    module = types.ModuleType(name)
    exec(compile(source, name, "exec"), module.__dict__)
    return module


def pictures():
    """A little scene, and what becomes of it."""
    base = Image.new("RGB", (72, 56), (250, 248, 240))
    draw = ImageDraw.Draw(base)
    draw.ellipse((10, 8, 40, 38), fill=(200, 60, 40))
    draw.rectangle((44, 20, 66, 50), fill=(40, 90, 180))
    for x in range(0, 72, 6):
        draw.line((x, 52, x + 3, 55), fill=(20, 20, 20))
    noise = np.random.default_rng(3).integers(-12, 13, (56, 72, 3))
    near = Image.fromarray(np.clip(np.asarray(base).astype(int) + noise, 0, 255).astype("uint8"))
    far = Image.fromarray(np.random.default_rng(4).integers(0, 256, (56, 72, 3)).astype("uint8"))
    hsv = np.asarray(base.convert("HSV")).astype(float)
    hsv[..., 1] = np.clip(hsv[..., 1] * 1.25, 0, 255)
    vivid = Image.fromarray(hsv.astype("uint8"), "HSV").convert("RGB")
    dark = base.point(lambda value: int(value * 0.7))
    middle = np.asarray(base).astype(float)
    strong = Image.fromarray(np.clip((middle - 128) * 1.3 + 128, 0, 255).astype("uint8"))
    cut = base.convert("RGBA")
    alpha = Image.new("L", base.size, 0)
    ImageDraw.Draw(alpha).rectangle((8, 6, 67, 51), fill=255)
    cut.putalpha(alpha)
    square = Image.new("RGB", (40, 40), (255, 255, 255))
    ImageDraw.Draw(square).rectangle((15, 15, 24, 24), fill=(0, 0, 0))
    green = Image.new("RGB", (40, 40), (30, 200, 60))
    ImageDraw.Draw(green).rectangle((15, 15, 24, 24), fill=(0, 0, 0))
    triangle = Image.new("RGB", (60, 60), (255, 255, 255))
    ImageDraw.Draw(triangle).polygon(((30, 20), (20, 38), (40, 38)), fill=(255, 220, 0))
    triangle.putpixel((0, 0), (1, 2, 3))
    text = Image.new("RGB", (80, 20), (255, 255, 255))
    ImageDraw.Draw(text).rectangle((2, 5, 30, 12), fill=(0, 0, 0))
    return {
        "base": base, "near": near, "far": far, "vivid": vivid, "dark": dark, "strong": strong,
        "mirrored": base.transpose(Image.FLIP_LEFT_RIGHT), "cut": cut, "square": square, "green": green,
        "triangle": triangle, "text": text, "palette": base.convert("P", palette=Image.ADAPTIVE),
        "large": base.resize((144, 112), Image.BICUBIC), "small": base.resize((36, 28), Image.LANCZOS),
    }


CASES = [
    ("compare_images", "base", "base", {}), ("compare_images", "near", "base", {}),
    ("compare_images", "far", "base", {}), ("compare_images", "small", "base", {}),
    ("compare_images", "near", "base", {"reference_base_result": 0.11}),
    ("compare_images", "far", "base", {"reference_base_result": 0.54}),
    ("check_structure_sim", "base", "base", {}), ("check_structure_sim", "near", "base", {}),
    ("check_structure_sim", "far", "base", {}), ("check_structure_sim", "small", "base", {}),
    ("check_structure_sim_resized", "large", "base", {}), ("check_structure_sim_resized", "far", "base", {}),
    ("check_structure_sim_resized", "cut", "base", {}),
    ("check_image_mirror", "mirrored", "base", {}), ("check_image_mirror", "base", "base", {}),
    ("check_palette_and_structure_sim", "palette", "base", {}),
    ("check_palette_and_structure_sim", "near", "base", {}),
    ("check_brightness_decrease_and_structure_sim", "dark", "base", {}),
    ("check_brightness_decrease_and_structure_sim", "base", "dark", {}),
    ("check_brightness_decrease_and_structure_sim", "far", "base", {}),
    ("check_saturation_increase_and_structure_sim", "vivid", "base", {}),
    ("check_saturation_increase_and_structure_sim", "base", "vivid", {}),
    ("check_contrast_increase_and_structure_sim", "strong", "base", {}),
    ("check_contrast_increase_and_structure_sim", "base", "strong", {}),
    ("check_green_background", "green", "square", {}), ("check_green_background", "square", "square", {}),
    ("check_triangle_position", "triangle", None, {}), ("check_triangle_position", "square", None, {}),
    ("check_textbox_on_leftside", "text", None, {}), ("check_textbox_on_leftside", "square", None, {}),
]
SIZES = [
    ("base", {"width": 72, "height": 56}), ("base", {"height": 55}),
    ("cut", {"height": 46, "ignore_transparent": True}), ("cut", {"height": 56, "ignore_transparent": True}),
]
LINES = [
    ("a b c d e", "a b c d e"), ("a b c d e", "a x c d"), ("", ""), ("a", ""), ("q a b x c d", "a b y c d f"),
    (" ".join("w%d" % (n % 7) for n in range(240)), " ".join("w%d" % (n % 5) for n in range(260))),
]


def main():
    OUT.mkdir(exist_ok=True)
    made = pictures()
    for name, picture in made.items():
        picture.save(OUT / f"{name}.png", optimize=True)
    known = {**loaded("gimp").__dict__, **{"compare_images": loaded("vlc").compare_images}}
    path = lambda name: str(OUT / f"{name}.png")
    pairs = []
    for metric, one, other, options in CASES:
        given = [path(one)] + ([path(other)] if other else [])
        pairs.append([metric, one, other, options, float(known[metric](*given, **options))])
    sizes = [[one, rule, float(known["check_image_size"](path(one), rule))] for one, rule in SIZES]
    lines = [[one, other, difflib.SequenceMatcher(a=one.split(), b=other.split()).ratio()]
             for one, other in LINES]
    text = json.dumps({"pairs": pairs, "sizes": sizes, "lines": lines}, indent=0)
    (OUT / "golden.json").write_text(text + "\n")


main()
