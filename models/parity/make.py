"""Makes the tiny random checkpoints that the families are compared with.

Every number in `golden.safetensors` comes from Hugging Face transformers on the CPU, in float32, with
eager attention. The weights are random (seeded); norms and biases are moved away from 1 and 0, or a
forgotten one would not show. Needs `torch`, `transformers` 5 and `pillow`:

    python make.py            # all families
    python make.py qwen3_vl   # one of them

Each family's folder then holds `config.json` (as transformers 5 writes it), `config.4.json` (the same
as transformers 4 wrote it), the weights, and `golden.safetensors` with what each stage gave.
"""

import hashlib
import json
import math
import pathlib
import sys

import numpy
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

HERE = pathlib.Path(__file__).parent
VOCABULARY = 200
NEW_TOKENS = 32
IMAGE, VIDEO, VISION_START, VISION_END = 190, 191, 192, 193
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

TEXT = dict(
    vocab_size=VOCABULARY, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=32768,
    bos_token_id=1, eos_token_id=2, pad_token_id=None, attn_implementation="eager",
)
# The vision-language models take the width of a head from the hidden size: 2 heads of 16.
SEEING = TEXT | dict(num_attention_heads=2, num_key_value_heads=1)
LLAMA3 = dict(
    rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32,
)
VISION = dict(
    depth=3, num_heads=2, in_channels=3, patch_size=4, spatial_merge_size=2, temporal_patch_size=2,
)
TOKENS = dict(
    image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=VISION_START,
    vision_end_token_id=VISION_END,
)


def llama():
    config = transformers.LlamaConfig(**TEXT, rope_parameters=LLAMA3, tie_word_embeddings=True)
    return transformers.LlamaForCausalLM(config)


def qwen2():
    config = transformers.Qwen2Config(**TEXT, rope_parameters=dict(rope_type="default", rope_theta=1e4))
    return transformers.Qwen2ForCausalLM(config)


def qwen3():
    config = transformers.Qwen3Config(
        **TEXT, head_dim=16, rope_parameters=dict(rope_type="default", rope_theta=1e6))
    return transformers.Qwen3ForCausalLM(config)


def llama_linear():
    rope = dict(rope_type="linear", rope_theta=1e4, factor=4.0)
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**TEXT, rope_parameters=rope))


def qwen3_yarn():
    rope = dict(rope_type="yarn", rope_theta=1e4, factor=4.0, original_max_position_embeddings=32)
    config = transformers.Qwen3Config(**TEXT, head_dim=16, rope_parameters=rope)
    return transformers.Qwen3ForCausalLM(config)


def sectioned():
    return dict(rope_type="default", rope_theta=1e4, mrope_section=[2, 3, 3])


def qwen2_vl():
    config = transformers.Qwen2VLConfig(
        **TOKENS, tie_word_embeddings=True, text_config=SEEING | dict(rope_parameters=sectioned()),
        vision_config=VISION | dict(embed_dim=32, hidden_size=32, mlp_ratio=2), attn_implementation="eager")
    return transformers.Qwen2VLForConditionalGeneration(config)


def qwen2_5_vl():
    config = transformers.Qwen2_5_VLConfig(
        **TOKENS, text_config=SEEING | dict(rope_parameters=sectioned()),
        vision_config=VISION | dict(
            hidden_size=32, intermediate_size=48, out_hidden_size=32, window_size=16,
            fullatt_block_indexes=[1]), attn_implementation="eager")
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def qwen3_vl():
    rope = dict(rope_type="default", rope_theta=1e4, mrope_section=[4, 2, 2], mrope_interleaved=True)
    config = transformers.Qwen3VLConfig(
        **TOKENS, text_config=SEEING | dict(head_dim=16, num_attention_heads=4, rope_parameters=rope),
        vision_config=VISION | dict(
            hidden_size=32, intermediate_size=48, out_hidden_size=32, num_position_embeddings=36,
            deepstack_visual_indexes=[0, 2]), attn_implementation="eager")
    return transformers.Qwen3VLForConditionalGeneration(config)


FAMILIES = dict(
    llama=llama, qwen2=qwen2, qwen3=qwen3, llama_linear=llama_linear, qwen3_yarn=qwen3_yarn,
    qwen2_vl=qwen2_vl, qwen2_5_vl=qwen2_5_vl, qwen3_vl=qwen3_vl)


def make_random(model, dtype):
    """Weights that make every part of the model count; what is kept is what `dtype` can say."""
    for name, weight in model.named_parameters():
        if weight.dim() == 1:
            about = 1.0 if "norm" in name or "ln_q" in name else 0.0
            about = 0.0 if name.endswith("bias") else about
            weight.data = about + 0.3 * torch.randn_like(weight)
        else:
            fan = math.prod(weight.shape[1:])
            weight.data = torch.randn_like(weight) * (1.3 / math.sqrt(fan))
    model.model.get_input_embeddings().weight.data.normal_(0.0, 0.8)
    # Not `model.to`: that would round the frequencies of the positions as well.
    for weight in model.parameters():
        weight.data = weight.data.to(dtype).to(torch.float32)
    return model.eval()


def picture(width, height, seed):
    """Something with edges, slopes and noise, as a screen has."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    pixels = numpy.stack([x * 255 // width, y * 255 // height, (x * y) % 256], axis=-1)
    pixels[height // 4 : height // 2, width // 3 : 2 * width // 3] = [250, 20, 90]
    pixels = pixels + random.integers(-9, 10, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8))


def greedy(model, ids, **seen):
    made = model.generate(
        torch.tensor([ids]), max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, do_sample=False,
        attention_mask=torch.ones(1, len(ids), dtype=torch.long), eos_token_id=None, **seen)
    return made[0, len(ids):]


def text_golden(model):
    ids = torch.randint(3, 180, (40,)).tolist()
    logits = model(torch.tensor([ids])).logits[0]
    return {"ids": torch.tensor(ids), "logits": logits, "greedy": greedy(model, ids)}


def sight(processor, pictures):
    seen = processor(images=pictures, return_tensors="pt")
    return seen["pixel_values"].float(), seen["image_grid_thw"]


def prompt(grids, merge):
    """Text, then each image between its marks, with text after each."""
    ids = torch.randint(3, 180, (7,)).tolist()
    for _, height, width in grids.tolist():
        ids += [VISION_START] + [IMAGE] * (height * width // merge**2) + [VISION_END]
        ids += torch.randint(3, 180, (5,)).tolist()
    return ids


def seeing_golden(model, processor):
    golden = {}
    # One image of odd grid, then two of different sizes.
    for case, sizes in enumerate([[(59, 37)], [(24, 90), (61, 45)]]):
        pictures = [picture(w, h, seed=case * 10 + at) for at, (w, h) in enumerate(sizes)]
        patches, grids = sight(processor, pictures)
        ids = prompt(grids, processor.merge_size)
        kinds = torch.tensor([[1 if token == IMAGE else 0 for token in ids]])
        seen = dict(pixel_values=patches, image_grid_thw=grids, mm_token_type_ids=kinds)
        at = f"case{case}."
        for index, image in enumerate(pictures):
            golden[f"{at}image{index}"] = torch.tensor(numpy.asarray(image))
        tower = model.model.visual(patches, grid_thw=grids)
        positions, delta = model.model.get_rope_index(
            torch.tensor([ids]), mm_token_type_ids=kinds, image_grid_thw=grids)
        embedded = model.model.get_input_embeddings()(torch.tensor([ids]))[0].clone()
        embedded[torch.tensor(ids) == IMAGE] = tower.pooler_output
        golden |= {
            f"{at}patches": patches, f"{at}grids": grids, f"{at}ids": torch.tensor(ids),
            f"{at}tower": tower.last_hidden_state, f"{at}seen": tower.pooler_output,
            f"{at}embedded": embedded, f"{at}positions": positions[:, 0], f"{at}delta": delta[0],
            f"{at}logits": model(torch.tensor([ids]), **seen).logits[0],
            f"{at}greedy": greedy(model, ids, **seen),
        }
        for index, deep in enumerate(getattr(tower, "deepstack_features", None) or []):
            golden[f"{at}deep{index}"] = deep
    return golden


def as_transformers_4(config):
    """The same settings as the older release wrote them: flat, or with `rope_scaling`."""
    config = json.loads(json.dumps(config))
    text = config.get("text_config", config)
    rope = text.pop("rope_parameters")
    text["rope_theta"] = rope.pop("rope_theta")
    if "mrope_section" in rope:
        text["rope_scaling"] = rope | {"rope_type": "default", "type": "default"}
        if config["model_type"] != "qwen3_vl":
            text["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
    else:
        text["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    if config["model_type"] in ("qwen2_vl", "qwen2_5_vl"):
        vision = config["vision_config"]
        vision["in_chans"] = vision.pop("in_channels")
        vision["spatial_patch_size"] = vision["patch_size"]
        kind = config["model_type"]
        tie = config["tie_word_embeddings"]
        config |= config.pop("text_config") | {"model_type": kind, "tie_word_embeddings": tie}
    config["torch_dtype"] = config.pop("dtype", "float32")
    config["transformers_version"] = "4.49.0"
    return config


def make(family):
    torch.manual_seed(len(family) * 1000 + sum(family.encode()))
    dtype = torch.bfloat16 if family == "llama" else torch.float32
    model = make_random(FAMILIES[family](), dtype)
    folder = HERE / family
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*"):
        old.unlink()
    if hasattr(model.model, "visual"):
        three = family == "qwen3_vl"
        processor = Qwen2VLImageProcessorPil(
            patch_size=4, merge_size=2, temporal_patch_size=2,
            size=dict(shortest_edge=8 * 8 * 4, longest_edge=8 * 8 * 48),
            image_mean=[0.5] * 3 if three else CLIP_MEAN, image_std=[0.5] * 3 if three else CLIP_STD)
        processor.save_pretrained(folder)
        golden = seeing_golden(model, processor)
    else:
        golden = text_golden(model)
    # The smallest is saved in two shards of 16 bits, as the large ones are.
    size = "12KB" if family == "llama" else "1GB"
    model.to(dtype).save_pretrained(folder, max_shard_size=size)
    (folder / "generation_config.json").unlink(missing_ok=True)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.4.json").write_text(json.dumps(as_transformers_4(config), indent=2) + "\n")
    save_file({name: value.contiguous() for name, value in golden.items()}, folder / "golden.safetensors")
    print(family, sum(file.stat().st_size for file in folder.glob("*")), "bytes")


# Patch, mean, deviation and limits of the area: as it is, shrunk, and grown.
SCREENS = dict(
    clip=(14, CLIP_MEAN, CLIP_STD, 3136, 12_845_056), half=(16, [0.5] * 3, [0.5] * 3, 65_536, 16_777_216),
    shrunk=(14, CLIP_MEAN, CLIP_STD, 3136, 100_352), grown=(16, [0.5] * 3, [0.5] * 3, 1_003_520, 16_777_216))


def make_screen():
    """A part of a real desktop: the digest of what it is resized to, and some of its patches."""
    folder, golden = HERE / "screen", {}
    screen = Image.open(folder / "screen.png").convert("RGB")
    for case, (patch, mean, std, least, most) in SCREENS.items():
        size = dict(shortest_edge=least, longest_edge=most)
        processor = Qwen2VLImageProcessorPil(patch_size=patch, size=size, image_mean=mean, image_std=std)
        patches, grids = sight(processor, [screen])
        _, height, width = grids[0].tolist()
        resized = screen.resize((width * patch, height * patch), Image.Resampling.BICUBIC)
        digest = hashlib.sha256(resized.tobytes()).digest()
        golden[f"{case}.digest"] = torch.tensor(list(digest), dtype=torch.uint8)
        golden[f"{case}.grid"] = torch.tensor([height, width])
        golden[f"{case}.patches"] = patches[::97]
    save_file({name: value.contiguous() for name, value in golden.items()}, folder / "golden.safetensors")


if __name__ == "__main__":
    with torch.no_grad():
        for family in sys.argv[1:] or [*FAMILIES, "screen"]:
            if family == "screen":
                make_screen()
            else:
                make(family)
