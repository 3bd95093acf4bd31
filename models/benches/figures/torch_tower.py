"""torch on a tower of Qwen2.5-VL: `see ROWS COLUMNS` (of patches) on standard input is answered in seconds."""

import json
import pathlib
import sys
import time

import torch
from safetensors.torch import load_file
from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLVisionConfig
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VisionTransformerPretrainedModel

OURS = "visual."


def main(folder, threads):
    torch.set_num_threads(threads)
    folder = pathlib.Path(folder)
    config = Qwen2_5_VLVisionConfig(**json.loads((folder / "config.json").read_text())["vision_config"])
    config._attn_implementation = "sdpa"
    tower = Qwen2_5_VisionTransformerPretrainedModel(config).to(torch.float32).eval()
    weights = load_file(folder / "model.safetensors")
    tower.load_state_dict({name[len(OURS):]: weight for name, weight in weights.items() if name.startswith(OURS)})
    patch = config.in_channels * config.temporal_patch_size * config.patch_size**2
    print("ready", flush=True)
    for line in sys.stdin:
        _, rows, columns = line.split()
        rows, columns = int(rows), int(columns)
        patches = torch.randn(rows * columns, patch)
        with torch.no_grad():
            begun = time.perf_counter()
            tower(patches, grid_thw=torch.tensor([[1, rows, columns]]))
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
