// Writes ../llama-cpp-pre/<name>.json: how llama.cpp cuts texts with each of its pre-tokenizers, and what its other vocabularies make of texts. See README.md.
import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const target = new URL("../llama-cpp-pre/", import.meta.url).pathname;
const version = JSON.parse(readFileSync(new URL("node_modules/node-llama-cpp/package.json", import.meta.url))).version;

const NAMES = ["default", "llama-bpe", "falcon3", "pixtral", "lfm2", "jina-v5-nano", "deepseek-llm", "deepseek-coder", "deepseek-v3", "joyai-llm", "hy_v4", "hunyuan-dense",
    "spark2_5", "youtu", "falcon", "mpt", "starcoder", "gpt-2", "jina-v2-code", "modern-bert", "exaone4", "trillion", "granite-docling", "jais-2", "refact", "command-r",
    "smollm", "codeshell", "exaone", "minerva-7b", "mellum2", "qwen2", "stablelm2", "hunyuan", "solar-open", "grok-2", "qwen35", "bloom", "poro-chat", "gpt3-finnish",
    "glm4", "viking", "tekken", "chameleon", "gpt-4o", "kanana2", "minimax-m2", "granite-embed-multi-97m", "tiny_aya", "cohere2moe", "kimi-k2", "superbpe", "bailingmoe",
    "bailingmoe2", "llada-moe", "seed-coder", "ufakzeka", "afmoe", "laguna", "exaone-moe", "minicpm5", "dbrx", "smaug-bpe"];

const ATOMS = [" ", "  ", "   ", "     ", "\n", "\n\n", "\r\n", "\t", " \n ", "\u00a0", "\u3000", "\u200b", "a", "Z", "the", "The", "THE", "camelCase", "XMLHttp", "hello", "'s", "'S", "'RE",
    "'ll", "'", "don't", "1", "12", "123", "1234", "1234567", "3.14", "½", "Ⅷ", "٣", "é", "e\u0301", "\u0301", "ß", "Ω", "я", "Привет", "Մի", "მე", "中文", "日本語", "ひらカナ", "々",
    "한국", "ㄱㄴ", "ㄅㄆ", "ｱｲｳ", "العربية", "देव", "ไทย", "ລາວ", "ខ្មែរ", "မြန်မာ", "🦙", "👩‍👩‍👧", "!", "...", "?!", "()", "{}", "_", "-", "--", "=", "==", "<", ">", "</", "/",
    "//", "/*", "#", "@", "$", "%", "^", "&", "~", "`", "|", "+", "\"", "，", "。", "！", "……", "“q”", "『', ", "。、", "…", "۔", "۔،", "IMGIMGABCZ", "IMGIMGZ",
    "<sentinel:12>", "x_y", "a1b2", "\u0000", "\u0007", "\ufffd", "−", "∑", "€"];

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

function texts() {
    const next = random(20260101);
    const some = ATOMS.flatMap((atom) => [`a${atom}b`, ` ${atom} 1`]);
    const spaces = [4, 5, 7, 8, 11, 16, 17, 40, 300, 513, 600].flatMap((count) => [`a${" ".repeat(count)}b`, `a${" ".repeat(count)}`]);
    return [...some, ...spaces, ...Array.from({length: 160}, () => Array.from({length: 2 + Math.floor(next() * 14)}, () => ATOMS[Math.floor(next() * ATOMS.length)]).join(""))];
}

// A GGUF file of a vocabulary only.
const UINT32 = 4, INT32 = 5, FLOAT32 = 6, BOOL = 7, STRING = 8, ARRAY = 9;

function gguf(entries) {
    const parts = [];
    const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); parts.push(b); };
    const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); parts.push(b); };
    const string = (s) => { const b = Buffer.from(s, "utf8"); u64(b.length); parts.push(b); };
    const put = {[UINT32]: u32, [INT32]: (n) => { const b = Buffer.alloc(4); b.writeInt32LE(n); parts.push(b); },
        [FLOAT32]: (x) => { const b = Buffer.alloc(4); b.writeFloatLE(x); parts.push(b); }, [BOOL]: (b) => parts.push(Buffer.from([b ? 1 : 0])),
        [STRING]: string};
    parts.push(Buffer.from("GGUF"));
    u32(3);
    u64(0);
    u64(entries.length);
    for (const [key, type, value] of entries) {
        string(key);
        if (Array.isArray(value)) {
            u32(ARRAY);
            u32(type);
            u64(value.length);
            value.forEach(put[type]);
        } else {
            u32(type);
            put[type](value);
        }
    }
    return Buffer.concat(parts);
}

const folder = mkdtempSync(join(tmpdir(), "pre-tokenizers-"));
const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.error});

async function encode(entries, all) {
    const path = join(folder, "vocabulary.gguf");
    writeFileSync(path, gguf([["general.architecture", STRING, "llama"], ["llama.context_length", UINT32, 8], ...entries]));
    const model = await llama.loadModel({modelPath: path, vocabOnly: true, gpuLayers: 0});
    const ids = all.map((text) => Array.from(model.tokenize(text, false, "trimLeadingSpace")));
    await model.dispose();
    return ids;
}

/** GPT-2's spelling of bytes. */
const alphabet = [];
for (let b = 0, next = 256; b < 256; b++) {
    const printable = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
    alphabet.push(String.fromCodePoint(printable ? b : next++));
}

/**
 * The vocabulary that makes cuts visible: all bytes, and all pairs of them, which merge in an order that has nothing to do with what they stand for. So no two
 * neighbours that are single bytes stand in one piece, and a golden is the length of each token: "2212".
 */
function pairs() {
    const tokens = [...alphabet];
    const merges = [];
    for (let i = 0; i < 65536; i++) {
        const pair = (i * 40503 + 12345) & 65535;
        const [left, right] = [alphabet[pair >> 8], alphabet[pair & 255]];
        tokens.push(left + right);
        merges.push(`${left} ${right}`);
    }
    return [["tokenizer.ggml.model", STRING, "gpt2"], ["tokenizer.ggml.tokens", STRING, tokens], ["tokenizer.ggml.token_type", INT32, tokens.map(() => 1)],
        ["tokenizer.ggml.merges", STRING, merges]];
}

mkdirSync(target, {recursive: true});
const all = texts();
const base = pairs();
const groups = new Map();
for (const name of NAMES) {
    const ids = await encode([...base, ["tokenizer.ggml.pre", STRING, name], ["tokenizer.ggml.bos_token_id", UINT32, 0]], all);
    const cuts = JSON.stringify(ids.map((row) => row.map((id) => id < 256 ? 1 : 2).join("")));
    groups.set(cuts, [...groups.get(cuts) ?? [], name]);
}
const lines = [...groups].map(([cuts, names]) => `{"names":${JSON.stringify(names)},"cuts":${cuts}}`);
writeFileSync(join(target, "cuts.json"), `{"made_by":"node-llama-cpp ${version}","texts":${JSON.stringify(all)},\n"groups":[\n${lines.join(",\n")}\n]}\n`);

// Byte-pair encoding of text, as Gemma 4 has it.
const letters = ["<pad>", "<eos>", "<bos>", "<unk>", ...Array.from({length: 256}, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`), "▁", "\n", "\n\n", "\n\n\n"];
const plainMerges = ["a b", "t h", "th e", "▁ the", "▁ ▁", "▁▁ ▁▁", "中 文", "1 2", "e l", "h el", "l o", "hel lo", "▁ hello", "e \u0301", "▁ a", "c a", "ca m"];
const characters = [...new Set(plainMerges.join("").replaceAll(" ", ""))].filter((c) => c !== "▁");
const merged = plainMerges.map((merge) => merge.replace(" ", ""));
const tokens = [...letters, ...characters, ...merged];
const plain = [["tokenizer.ggml.model", STRING, "gemma4"], ["tokenizer.ggml.tokens", STRING, tokens], ["tokenizer.ggml.scores", FLOAT32, tokens.map(() => 0)],
    ["tokenizer.ggml.token_type", INT32, tokens.map((_, id) => id < 4 ? (id === 3 ? 2 : 3) : id < 260 ? 6 : 1)], ["tokenizer.ggml.merges", STRING, plainMerges],
    ["tokenizer.ggml.bos_token_id", UINT32, 2], ["tokenizer.ggml.eos_token_id", UINT32, 1], ["tokenizer.ggml.unknown_token_id", UINT32, 3]];
const plainIds = await encode(plain, all);
writeFileSync(join(target, "gemma4.json"), `{"tokens":${JSON.stringify(tokens)},"merges":${JSON.stringify(plainMerges)},"ids":${JSON.stringify(plainIds)}}\n`);

// RWKV's longest match.
const words = ["the", "the ", " the", "hello", "aa", "\\n\\n", "\\t\\t", "\\'s", "\\xc3\\xa9", "\\xe4\\xb8\\xad", "\\xe4\\xb8", "12", "123", "camel", "Case", "  ", "    ", "\\xf0\\x9f"];
const bytes = Array.from({length: 256}, (_, b) => b === 9 ? "\\t" : b === 10 ? "\\n" : b === 13 ? "\\r" : b === 39 ? "\\'" : b === 92 ? "\\\\"
    : b >= 32 && b < 127 ? String.fromCharCode(b) : `\\x${b.toString(16).padStart(2, "0")}`);
const rwkv = ["<s>", ...bytes, ...words];
const rwkvIds = await encode([["tokenizer.ggml.model", STRING, "rwkv"], ["tokenizer.ggml.tokens", STRING, rwkv],
    ["tokenizer.ggml.token_type", INT32, rwkv.map((_, id) => id === 0 ? 3 : 1)], ["tokenizer.ggml.eos_token_id", UINT32, 0]], all);
writeFileSync(join(target, "rwkv.json"), `{"tokens":${JSON.stringify(rwkv)},"ids":${JSON.stringify(rwkvIds)}}\n`);
// Byte-pair encoding of the text of words that white space parts. llama.cpp ends with an error where there is any, and ends strings at U+0000,
// so only texts without them are recorded, of known characters.
const unspaced = all.map((_, i) => i).filter((i) => !/[\p{White_Space}\0]/u.test(all[i]));
const pieces = ["a b", "t h", "th e", "T h", "Th e", "T H", "TH E", "h e", "l l", "he ll", "hell o", "中 文", "日 本", "日本 語", "1 2", "12 3", "c a", "ca m", "C a", "и в", "! !", "- -", ". .", ".. ."];
const known = [...new Set(all.flatMap((text) => [...text, ...text.toLowerCase()]))].filter((c) => !/[\p{White_Space}\0]/u.test(c));
const spelled = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", ...known, ...pieces.map((merge) => merge.replace(" ", ""))];
const spaced = [["tokenizer.ggml.model", STRING, "gpt2"], ["tokenizer.ggml.pre", STRING, "whitespace"], ["tokenizer.ggml.tokens", STRING, spelled],
    ["tokenizer.ggml.token_type", INT32, spelled.map((_, id) => id === 3 ? 2 : id < 5 ? 3 : 1)], ["tokenizer.ggml.merges", STRING, pieces],
    ["tokenizer.ggml.bos_token_id", UINT32, 0], ["tokenizer.ggml.eos_token_id", UINT32, 2], ["tokenizer.ggml.unknown_token_id", UINT32, 3]];
const wordIds = await encode(spaced, unspaced.map((i) => all[i]));
writeFileSync(join(target, "whitespace.json"), `{"tokens":${JSON.stringify(spelled)},"merges":${JSON.stringify(pieces)},"texts":${JSON.stringify(unspaced)},"ids":${JSON.stringify(wordIds)}}\n`);

// Word pieces with each choice of what is done to a text before.
const cased = ["The cafés of Zürich", "the CAFE\u0301S", "ÉTÉ été Ete", "Straße STRASSE", "Привет, Мир! Ёлка", "ΑΒΓ άβγ", "HELLO, World.", "中文 É中", "Ångström ÅNGSTRÖM", "naïve Naïve NAIVE", ""];
const single = [...new Set(cased.flatMap((text) => [text, text.toLowerCase(), text.normalize("NFD"), text.toLowerCase().normalize("NFD")]).join("").replaceAll(" ", ""))];
const wordPieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ...single.map((c) => `▁${c}`), ...single, "▁the", "▁The", "▁cafe", "▁café", "▁hello", "▁HELLO", "ete", "été"];
const choices = [];
for (const lowercase of [undefined, true, false]) {
    for (const strip_accents of [undefined, true, false]) {
        const keys = Object.entries({lowercase, strip_accents}).filter(([, value]) => value !== undefined).map(([key, value]) => [`tokenizer.ggml.normalizer.${key}`, BOOL, value]);
        const found = await encode([["tokenizer.ggml.model", STRING, "bert"], ["tokenizer.ggml.tokens", STRING, wordPieces], ["tokenizer.ggml.scores", FLOAT32, wordPieces.map(() => 0)],
            ["tokenizer.ggml.token_type", INT32, wordPieces.map((_, id) => id < 4 ? 3 : 1)], ["tokenizer.ggml.bos_token_id", UINT32, 2],
            ["tokenizer.ggml.unknown_token_id", UINT32, 1], ["tokenizer.ggml.seperator_token_id", UINT32, 3], ...keys], cased);
        choices.push(JSON.stringify({lowercase, strip_accents, ids: found}));
    }
}
writeFileSync(join(target, "bert.json"), `{"tokens":${JSON.stringify(wordPieces)},"texts":${JSON.stringify(cased)},\n"choices":[\n${choices.join(",\n")}\n]}\n`);
console.log(groups.size, [...groups.values()].map((names) => names.join(" ")).join("\n"));
process.exit(0); // Else the library's threads keep the process; a name that fails has ended it before, with its error.
