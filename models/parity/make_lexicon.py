"""Makes tiny random GGUF files that carry their tokenizer, and says how the reference cuts texts.

`lexicon/qwen.gguf` and `lexicon/llama.gguf` have a small byte-level BPE each, trained here, with the steps
round it as Hugging Face transformers builds them for the family (`Qwen2Tokenizer`; the converter that
Llama 3 was published with). `golden.json` holds texts that are awkward to cut and the tokens transformers
gives for them; llama.cpp has read the same file and must agree, but for texts that transformers first
normalises (NFC), which llama.cpp does not. Needs `transformers`, `gguf` and `llama-cpp-python`:

    python make_lexicon.py
"""

import json
import pathlib

import gguf
import llama_cpp
import numpy
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer
from transformers.convert_slow_tokenizer import TikTokenConverter

HERE = pathlib.Path(__file__).parent / "lexicon"
WORDS = 640
HIDDEN, HEADS, KV_HEADS, HEAD, WIDE, CONTEXT = 32, 4, 2, 8, 64, 4096
CONTROL = {
    "qwen": ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"],
    "llama": ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
              "<|eot_id|>", "<|python_tag|>"],
}
DEFINED = {"qwen": ["<tool_call>", "</tool_call>", "<think>", "</think>"], "llama": []}
UNUSED = 5
TEMPLATES = {
    "qwen": (pathlib.Path(__file__).parent / "speech" / "chat_template.jinja").read_text(),
    "llama": "{{- bos_token }}{%- for message in messages %}{{- '<|start_header_id|>' + message.role + "
             "'<|end_header_id|>\n\n' + message.content + '<|eot_id|>' }}{%- endfor %}"
             "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}",
}
TEXTS = [
    "", " ", "  ", "\n", "\r\n", "\n\n\n", " \n ", "\t\t", "a", " a", "  a", "a ", "a  ", "a\nb", "a \n b", "a\r\nb",
    "Hello, world!", "Hello,world!!", "I'm sure they'll say we've DON'T and IT'S", "'s 't 'RE 'Ll 'xyz ''s",
    "0", "12", "123", "1234", "12345678", "3.14159", "1,000,000", "0x1F", "v2.5-VL", "２３４ Ⅻ ½ ٣٤٥",
    "def f(x):\n    return x**2  # square\n\n\n", "{\"name\": \"click\", \"arguments\": {\"x\": [1, 2]}}",
    "camelCase snake_case kebab-case SCREAMING", "http://example.org/a?b=c&d=%20#e", "C:\\Users\\ann\\", "~/.config/*.toml",
    "naïve café Ærøskøbing straße", "nai\u0308ve cafe\u0301", "e\u0301\u0301 \u1100\u1161\u11a8 \u212b \ufb01", "ǅ ŉ İ ı",
    "Привет, мир! Щука", "Γειά σου Κόσμε", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดีชาวโลก",
    "你好，世界。這是測試", "こんにちは世界、テスト", "안녕하세요 세계", "👍", "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪", "a👍b", "💩" * 5,
    "\u200b\u200d\ufeff\u00ad", "\u00a0a\u00a0", "a\u3000b\u2003c", "\u2028\u2029", "\x00\x01\x7f", "\u0085", "\ufffd",
    "!!!???...---", "((((([[[[[{{{{{", "<|im_start|>user\nHi<|im_end|>\n", "<|im_start|", "|im_end|>", "<|im_end|> <|im_end|>",
    "<tool_call>\n{}\n</tool_call>", "a<think>b</think>c", "<|begin_of_text|><|eot_id|>x<|python_tag|>",
    "x" * 200, "ab" * 100, " " * 100, "\n" * 40, "the " * 50, "\t \t \n \r \r\n", "end with space ", "end with newline\n",
    "mixed 中文 and English123混合", "e.g. i.e. etc...", "$12.50 €3 £4 ¥500", "±×÷≤≥≠∞", "½¼¾", "①②③", "ＡＢＣ", "ſ ẞ",
    "\U0001d54f\U0001d7d8", "a\u0300\u0301\u0302\u0303", "zalgo z̷̢̛a̵l̶g̸o̶",
]
LEARNED = (" ".join(TEXTS) + pathlib.Path(__file__).read_text() + " the quick brown fox jumps over the lazy dog " * 4).split("\n")


def trained(pattern):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pattern
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(LEARNED, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def qwen():
    plain = Qwen2Tokenizer()._tokenizer.pre_tokenizer
    vocab, merges = trained(plain)
    tokenizer = Qwen2Tokenizer(vocab=vocab, merges=merges)._tokenizer
    return vocab, merges, tokenizer


def llama():
    class Converter(TikTokenConverter):
        words = ({}, [])

        def extract_vocab_merges_from_model(self, _):
            return self.words

    converter = Converter()
    vocab, merges = trained(converter.converted().pre_tokenizer)
    # A word that no merge makes: it is found only as a whole.
    vocab["Ġdog"] = vocab.pop("Ġdog", len(vocab))
    vocab["Schiff"] = len(vocab)
    converter.words = (vocab, merges)
    return vocab, merges, converter.converted()


def add_marks(family, tokenizer):
    from tokenizers import AddedToken
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in CONTROL[family]])
    tokenizer.add_tokens([AddedToken(text, normalized=False, special=False) for text in DEFINED[family]])


def write(path, family, words, kinds, merges, tokenizer):
    architecture = {"qwen": "qwen3", "llama": "llama"}[family]
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_rope_dimension_count(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(words))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre({"qwen": "qwen2", "llama": "llama-bpe"}[family])
    writer.add_token_list(words)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(merge) for merge in merges])
    first = {"qwen": "<|endoftext|>", "llama": "<|begin_of_text|>"}[family]
    end = {"qwen": "<|im_end|>", "llama": "<|eot_id|>"}[family]
    writer.add_bos_token_id(tokenizer.token_to_id(first))
    writer.add_eos_token_id(tokenizer.token_to_id(end))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATES[family])
    random = numpy.random.default_rng(len(family))

    def matrix(rows, columns):
        return (random.standard_normal((rows, columns)) * 1.3 / numpy.sqrt(columns)).astype(numpy.float16)

    def vector(length):
        return (1.0 + 0.3 * random.standard_normal(length)).astype(numpy.float32)

    writer.add_tensor("token_embd.weight", matrix(len(words), HIDDEN) * 3)
    writer.add_tensor("output_norm.weight", vector(HIDDEN))
    for name, (rows, columns) in dict(
            attn_q=(HEADS * HEAD, HIDDEN), attn_k=(KV_HEADS * HEAD, HIDDEN), attn_v=(KV_HEADS * HEAD, HIDDEN),
            attn_output=(HIDDEN, HEADS * HEAD), ffn_gate=(WIDE, HIDDEN), ffn_up=(WIDE, HIDDEN),
            ffn_down=(HIDDEN, WIDE)).items():
        writer.add_tensor(f"blk.0.{name}.weight", matrix(rows, columns))
    for name in ["attn_norm", "ffn_norm"]:
        writer.add_tensor(f"blk.0.{name}.weight", vector(HIDDEN))
    if family == "qwen":
        for name in ["attn_q_norm", "attn_k_norm"]:
            writer.add_tensor(f"blk.0.{name}.weight", vector(HEAD))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read_by_llama_cpp(path):
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    vocabulary = llama_cpp.llama_model_get_vocab(model)

    def cut(text):
        raw = text.encode()
        room = (llama_cpp.llama_token * (len(raw) + 16))()
        count = llama_cpp.llama_tokenize(vocabulary, raw, len(raw), room, len(room), False, True)
        assert count >= 0, text
        return list(room[:count])

    return cut


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    golden = {}
    for family, make in [("qwen", qwen), ("llama", llama)]:
        vocab, merges, tokenizer = make()
        add_marks(family, tokenizer)
        words = [tokenizer.id_to_token(at) for at in range(tokenizer.get_vocab_size())]
        kinds = [gguf.TokenType.CONTROL if word in CONTROL[family]
                 else gguf.TokenType.USER_DEFINED if word in DEFINED[family]
                 else gguf.TokenType.NORMAL for word in words]
        for at in range(UNUSED):
            words.append(f"[PAD{len(words)}]")
            kinds.append(gguf.TokenType.UNUSED)
        path = HERE / f"{family}.gguf"
        write(path, family, words, kinds, merges, tokenizer)
        theirs = read_by_llama_cpp(path)
        rows = []
        for text in TEXTS:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            normalised = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
            agrees = theirs(text) == ids
            if not agrees and normalised == text:
                print(family, repr(text), "transformers", ids, "llama.cpp", theirs(text))
            rows.append({"text": text, "ids": ids, "llama_cpp": agrees})
        golden[family] = rows
        print(family, len(words), path.stat().st_size, sum(row["llama_cpp"] for row in rows), "of", len(rows))
    (HERE / "golden.json").write_text(json.dumps(golden, indent=0, ensure_ascii=True) + "\n")
