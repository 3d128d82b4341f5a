// Writes ../llama-cpp/<model>.json for each GGUF file in a folder: logits of a prompt and a greedy continuation, as llama.cpp computes them on
// the CPU with an f32 KV cache. See README.md.
import {createHash} from "node:crypto";
import {mkdirSync, readFileSync, readdirSync, writeFileSync} from "node:fs";
import {basename, join} from "node:path";
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const folder = process.argv[2];
const target = new URL("../llama-cpp/", import.meta.url).pathname;
const version = JSON.parse(readFileSync(new URL("node_modules/node-llama-cpp/package.json", import.meta.url))).version;
const greedyTokens = 200;
const promptTokens = 24;

/** Token ids that any vocabulary of at least 300 has; the first is GGUF's usual begin token. */
const prompt = Array.from({length: promptTokens}, (_, i) => i === 0 ? 1 : (i * 37 + 11) % 290 + 3);
/** Positions whose logits are kept. */
const kept = [0, 5, promptTokens - 1];

/** What the story models are given to begin with: their begin token and "Once upon a time". */
const stories = {"stories260k": [1, 403, 407, 261, 378], "tinystories-656k": [1, 80, 147, 201, 282, 57]};

/** The row of logits after each of the tokens, in order of ids. */
async function logits(sequence, tokens) {
    const items = tokens.map(token => [token, {generateNext: {token: true, logits: true, options: {temperature: 0}}}]);
    const results = await sequence.controlledEvaluate(items);
    return results.map(result => {
        const row = new Float32Array(result.next.logits.size);
        for (const [token, logit] of result.next.logits) {
            row[token] = logit;
        }
        return row;
    });
}

function argmax(row) {
    let best = 0;
    row.forEach((value, token) => best = value > row[best] ? token : best);
    return best;
}

function margin(row) {
    const [first, second] = Array.from(row).sort((a, b) => b - a);
    return first - second;
}

/** The pooled vector of the prompt, of length 1. */
async function embedding(model) {
    const context = await model.createEmbeddingContext({contextSize: 64, threads: 1});
    const {vector} = await context.getEmbeddingFor(prompt);
    await context.dispose();
    const length = Math.hypot(...vector);
    return Array.from(vector, value => Number((value / length).toPrecision(7)));
}

/** Logits of the prompt, and the tokens that follow it with the margins of their choice. */
async function generate(sequence, prompt) {
    const rows = await logits(sequence, prompt);
    const greedy = [];
    const margins = [];
    let row = rows[rows.length - 1];
    while (greedy.length < greedyTokens) {
        greedy.push(argmax(row));
        margins.push(margin(row));
        [row] = await logits(sequence, [greedy[greedy.length - 1]]);
    }
    return {rows, greedy, margins};
}

const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.error});
mkdirSync(target, {recursive: true});
for (const file of readdirSync(folder).filter(name => name.endsWith(".gguf")).sort()) {
    const model = await llama.loadModel({modelPath: join(folder, file)});
    const made_by = `tests/goldens/make/llama-cpp.mjs with node-llama-cpp ${version} (llama.cpp ${llama.llamaCppRelease.release}), CPU, f32 KV cache`;
    const sha256 = createHash("sha256").update(readFileSync(join(folder, file))).digest("hex");
    if (model.fileInfo.metadata.general.architecture.endsWith("bert")) {
        const vector = await embedding(model);
        writeFileSync(join(target, basename(file, ".gguf") + ".json"), JSON.stringify({made_by, sha256, prompt, embedding: vector}).replaceAll(/,"(?=[a-z])/g, ',\n"') + "\n");
        console.log(file, "embedding of", vector.length);
        await model.dispose();
        continue;
    }
    const context = await model.createContext({contextSize: 512, flashAttention: false, experimentalKvCacheKeyType: "F32",
        experimentalKvCacheValueType: "F32", threads: 1});
    const sequence = context.getSequence();
    const {rows, greedy, margins} = await generate(sequence, prompt);
    const golden = {
        made_by,
        sha256,
        prompt,
        greedy,
        smallest_margin: Number(Math.min(...margins).toPrecision(4)),
        logits: Object.fromEntries(kept.map(position => [position, Array.from(rows[position], x => Number(x.toPrecision(7)))]))
    };
    const name = basename(file, ".gguf");
    if (stories[name] != null) {
        await sequence.clearHistory();
        const story = await generate(sequence, stories[name]);
        golden.story = {prompt: stories[name], greedy: story.greedy, smallest_margin: Number(Math.min(...story.margins).toPrecision(4))};
        console.log(name, "story, smallest margin", golden.story.smallest_margin);
    }
    writeFileSync(join(target, name + ".json"), JSON.stringify(golden).replaceAll(/,"(?=[a-z])/g, ',\n"').replaceAll(/("\d+":)/g, "\n$1") + "\n");
    console.log(name, "vocab", rows[0].length, "smallest margin", golden.smallest_margin, "distinct tokens", new Set(greedy).size);
    await context.dispose();
    await model.dispose();
}
process.exit(0);
