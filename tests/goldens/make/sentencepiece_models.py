"""Writes ../sentencepiece/<name>.json: small SentencePiece models, trained on this repository's own texts, and the ids that the library (Debian's
python3-sentencepiece 0.1.97) gives to texts. See README.md."""
import base64
import glob
import io
import json
import os
import random

import sentencepiece

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "../../..")
target = os.path.join(here, "../sentencepiece")

ATOMS = [" ", "  ", "   ", "\n", "\n\n", "\t", "\u00a0", "\u3000", "\u200b", "a", "the", "The", "THE", "token", "model", "hello", "'s", "don't", "1", "12", "2024", "3.14", "½",
         "ﬁ", "é", "e\u0301", "ß", "Ω", "я", "Привет", "中文", "日本", "한국", "العربية", "🦙", "👩‍👩‍👧", "!", "...", "()", "{", "_", "-", "--", "<tool>", "<tool", "<|im_start|>", "<s>",
         "</s>", "<unk>", "<0x0A>", "▁", "▁▁", "x▁y", "\u0000", "\ufffd", "<unused>", "aaaaaaaa"]
RULES = [("ﬁ", "fi"), ("\t", " "), ("\u3000", " "), ("\u00a0", " "), ("½", "1/2"), ("\u200b", ""), ("THE", "the"), ("T", "t"), ("é", "e\u0301"), ("\ufffd", " ")]


def texts():
    rng = random.Random(20260101)
    some = ["", " ", "   ", "Hello world", "  two  words  ", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "🦙🦙🦙a🦙", "\u200b", "\u200b \u200b"]
    return some + ["".join(rng.choice(ATOMS) for _ in range(1 + rng.randrange(12))) for _ in range(300)]


def corpus():
    lines = []
    for path in sorted(glob.glob(os.path.join(root, "docs/*.md"))) + [os.path.join(root, "README.md")]:
        lines += [line.strip() for line in open(path, encoding="utf8") if line.strip()]
    return lines


def train(name, rules=False, usable=None, **options):
    model = io.BytesIO()
    if rules:
        path = "/tmp/sentencepiece-rules.tsv"
        with open(path, "w", encoding="utf8") as out:
            for source, to in RULES:
                out.write(" ".join("%X" % ord(c) for c in source) + "\t" + " ".join("%X" % ord(c) for c in to) + "\n")
        options["normalization_rule_tsv"] = path
    else:
        options["normalization_rule_name"] = "identity"
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus()), model_writer=model, vocab_size=options.pop("vocab_size", 700),
                                             num_threads=1, minloglevel=2, character_coverage=0.995, **options)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    if usable:
        pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
        processor.set_vocabulary([piece for i, piece in enumerate(pieces) if i % 3])
    proto = processor.serialized_model_proto()
    cases = [{"text": text, "ids": processor.encode(text)} for text in texts()]
    with open(os.path.join(target, name + ".json"), "w", encoding="utf8") as out:
        out.write('{"model":"' + base64.b64encode(proto).decode() + '","cases":[\n')
        out.write(",\n".join(json.dumps(case, separators=(",", ":")) for case in cases))
        out.write("\n]}\n")


os.makedirs(target, exist_ok=True)
symbols = ["<tool>", "\n\n", "<unused>"]
# As Llama's: bytes for what is unknown, spaces kept, one before each text.
train("bpe-bytes", model_type="bpe", byte_fallback=True, remove_extra_whitespaces=False, user_defined_symbols=symbols, control_symbols=["<|im_start|>"])
# The same without symbols, as Llama 2 and Mistral have it.
train("bpe-plain", model_type="bpe", byte_fallback=True, remove_extra_whitespaces=False)
# As Gemma's: no space before a text, runs of spaces as symbols.
train("bpe-spaces", model_type="bpe", byte_fallback=True, remove_extra_whitespaces=False, add_dummy_prefix=False, user_defined_symbols=symbols + ["▁▁", "▁▁▁"])
train("bpe-rules", rules=True, model_type="bpe", user_defined_symbols=symbols)
train("bpe-unused", usable=True, model_type="bpe")
# As T5's: rules, and unknown characters.
train("unigram-rules", rules=True, model_type="unigram", user_defined_symbols=symbols, control_symbols=["<|im_start|>"])
train("unigram-bytes", model_type="unigram", byte_fallback=True, remove_extra_whitespaces=False, add_dummy_prefix=False, user_defined_symbols=symbols)
train("unigram-unused", usable=True, model_type="unigram")
