"""llama.cpp on a file: `prefill N` and `decode N` on standard input are answered in seconds."""

import sys
import time

import llama_cpp


def main(path, threads, context):
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = 0
    model = llama_cpp.llama_model_load_from_file(path.encode(), params)
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = context
    params.n_batch = params.n_ubatch = 512
    params.n_threads = params.n_threads_batch = threads
    held = llama_cpp.llama_init_from_model(model, params)
    memory = llama_cpp.llama_get_memory(held)

    def run(ids, at):
        for start in range(0, len(ids), 512):
            part = ids[start : start + 512]
            batch = llama_cpp.llama_batch_init(len(part), 0, 1)
            batch.n_tokens = len(part)
            for index, token in enumerate(part):
                batch.token[index], batch.pos[index] = token, at + start + index
                batch.n_seq_id[index], batch.seq_id[index][0] = 1, 0
                batch.logits[index] = start + index == len(ids) - 1
            assert llama_cpp.llama_decode(held, batch) == 0
            llama_cpp.llama_synchronize(held)
            llama_cpp.llama_batch_free(batch)

    print("ready", flush=True)
    for line in sys.stdin:
        what, tokens = line.split()
        tokens = int(tokens)
        llama_cpp.llama_memory_clear(memory, False)
        if what == "decode":
            run([1, 2, 3, 4], 0)
        begun = time.perf_counter()
        if what == "prefill":
            run([at * 7919 % 150_000 for at in range(tokens)], 0)
        else:
            for at in range(tokens):
                run([at * 7919 % 150_000], 4 + at)
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
