"""Single lines of text as pictures, with what may stand around them, for the recogniser."""

import math

import cairo
import numpy as np

import fonts
from screens import luminance

ROWS = 24
LEAST_CONTRAST = 16.0
MARGIN = 14


def grey(surface):
    """The picture of a cairo surface as luminance, the way the program computes it."""
    data = np.ndarray((surface.get_height(), surface.get_stride() // 4, 4), np.uint8, surface.get_data())
    return luminance(data[:, : surface.get_width(), 2::-1])


def clutter(context, rng, box, ink, tint):
    """Borders, neighbours and icons near the line; nothing across it."""
    left, top, right, bottom = box
    high = bottom - top
    tone = [min(1, max(0, t + rng.uniform(0.1, 0.6) * (1 if fonts.luminance(tint) < 0.5 else -1))) for t in tint]
    context.set_line_width(1)
    context.set_source_rgb(*tone)
    if rng.random() < 0.3:  # the frame of a button or a field
        gap = rng.uniform(0.05, 0.6) * high
        sides = rng.uniform(0.18, 0.9) * high
        context.rectangle(math.floor(left - sides) + 0.5, math.floor(top - gap) + 0.5, math.ceil(right - left + 2 * sides), math.ceil(high + 2 * gap))
        context.stroke()
    if rng.random() < 0.15:  # something at a side
        at_left = rng.random() < 0.5
        wide = rng.uniform(0.4, 1.0) * high
        gap = rng.uniform(0.15, 0.5) * high
        x = left - gap - wide if at_left else right + gap
        scribble(context, rng, x, top + 0.1 * high, wide, high * 0.8, ink)
    if rng.random() < 0.06:  # a text cursor
        x = math.floor(right + 1 if rng.random() < 0.6 else left - 2) + 0.5
        context.set_source_rgb(*ink)
        context.move_to(x, top + rng.uniform(-0.1, 0.2) * high)
        context.line_to(x, bottom + rng.uniform(-0.1, 0.1) * high)
        context.stroke()


def scribble(context, rng, x, y, wide, high, ink):
    """Something like an icon."""
    context.set_source_rgb(*(ink if rng.random() < 0.6 else [rng.random() for _ in range(3)]))
    context.set_line_width(rng.choice([1, 1, 1.5, 2]))
    kind = rng.randrange(6)
    if kind == 0:
        context.rectangle(x + 0.5, y + 0.5, wide - 1, high - 1)
        context.stroke()
    elif kind == 1:
        context.arc(x + wide / 2, y + high / 2, min(wide, high) / 2 - 0.5, 0, 2 * math.pi)
        context.fill() if rng.random() < 0.5 else context.stroke()
    elif kind == 2:
        for i in range(3):
            context.rectangle(x, y + high * (0.15 + 0.3 * i), wide, high * 0.12)
        context.fill()
    else:
        context.move_to(x + rng.random() * wide, y + rng.random() * high)
        for _ in range(rng.randint(2, 5)):
            context.line_to(x + rng.random() * wide, y + rng.random() * high)
        if kind == 3:
            context.close_path()
            context.fill()
        else:
            context.stroke()
    context.new_path()


def draw(rng, texts, longest):
    """(grey picture, box, text) of one line."""
    text = shorten(texts.any(), longest, rng)
    tint, ink = fonts.colours(rng)
    description, options = fonts.font(rng), fonts.font_options(rng)
    probe = cairo.Context(cairo.ImageSurface(cairo.FORMAT_RGB24, 8, 8))
    layout = fonts.lay_out(probe, options, text, description)
    if rng.random() < 0.04 and len(text) > 2:
        underline(layout, text, rng)
    _, logical = layout.get_pixel_extents()
    wide, high = max(4, logical.width) + 2 * MARGIN, max(4, logical.height) + 2 * MARGIN
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, wide, high)
    context = cairo.Context(surface)
    context.set_source_rgb(*tint)
    context.paint()
    x, y = MARGIN + rng.choice([0, 0, rng.random()]), MARGIN + rng.choice([0, 0, rng.random()])
    box = fonts.line_box(layout, x, y)
    clutter(context, rng, box, ink, tint)
    context.set_source_rgb(*ink)
    if rng.random() < 0.12:  # rows above and below
        pitch = (box[3] - box[1]) * rng.uniform(0.95, 1.3)
        for offset in (-pitch, pitch):
            other = fonts.lay_out(context, options, texts.any()[:longest], description)
            context.move_to(x + rng.randint(-20, 20), y + offset)
            fonts.PangoCairo.show_layout(context, other)
    layout = fonts.lay_out(context, options, text, description)
    context.move_to(x, y)
    fonts.PangoCairo.show_layout(context, layout)
    surface.flush()
    return grey(surface), box, text


def underline(layout, text, rng):
    at = rng.randrange(len(text))
    start = len(text[:at].encode())
    attributes = fonts.Pango.AttrList()
    line = fonts.Pango.attr_underline_new(fonts.Pango.Underline.LOW if rng.random() < 0.5 else fonts.Pango.Underline.SINGLE)
    line.start_index, line.end_index = start, start + len(text[at].encode())
    attributes.insert(line)
    layout.set_attributes(attributes)


def shorten(text, longest, rng):
    if len(text) <= longest:
        return text
    start = rng.randint(0, len(text) - longest)
    return text[start : start + longest].strip() or text[:longest].strip() or "-"


def prepare(picture, box, stretch=1.0):
    """The part in the box (whole pixels) as the network sees it: ROWS high, background 0, ink up to 1."""
    left, top, right, bottom = box
    part = picture[top:bottom, left:right].astype(np.float32)
    level = np.bincount((picture[top:bottom, left:right] >> 2).ravel(), minlength=64).argmax()
    background = part[(picture[top:bottom, left:right] >> 2) == level].mean()
    part = part - background
    if part.sum() < 0:
        part = -part
    part = part / max(LEAST_CONTRAST, part.max())
    wide = max(8, int(part.shape[1] * ROWS * stretch / part.shape[0] + 0.5))
    return filters(part.shape[0], ROWS) @ part @ filters(part.shape[1], wide).T


def filters(source, target):
    """(target, source): triangles as wide as a target pixel, or as a source pixel if that is wider."""
    scale = source / target
    reach = max(1.0, scale)
    centre = (np.arange(target) + 0.5) * scale
    weight = 1 - np.abs((np.arange(source) + 0.5)[None] - centre[:, None]) / reach
    weight = np.maximum(weight, 0).astype(np.float32)
    return weight / weight.sum(1, keepdims=True)


def crop(rng, picture, box):
    """The line as a detector might have cut it."""
    left, top, right, bottom = box
    high = bottom - top
    top += rng.gauss(0, 0.045) * high
    bottom += rng.gauss(0, 0.045) * high
    left -= rng.uniform(0.0, 0.34) * high
    right += rng.uniform(0.0, 0.34) * high
    limit = picture.shape
    box = (max(0, round(left)), max(0, round(top)), min(limit[1], round(right)), min(limit[0], round(bottom)))
    if box[3] - box[1] < 4 or box[2] - box[0] < 2:
        return None
    out = prepare(picture, box, rng.uniform(0.93, 1.07))
    if rng.random() < 0.15:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(0.005, 0.04), out.shape)
        out = out + noise.astype(np.float32)
    return out
