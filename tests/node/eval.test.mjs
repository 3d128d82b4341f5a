// `./crema eval`, `imatrix` and `inspect` as processes, as a user at a terminal or a script has them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { ROOT } from "./static-server.mjs";

const TINY = path.join(ROOT, "models/crema-tiny");
const STORY = "Once upon a time, there was a little girl named Lily. She had a red ball. One day, Lily went to the park with her mom. "
    + "She saw a big dog. The dog was sad. \"Do you want to play?\" asked Lily. The dog was happy and they played all day.\n";

let folder;
const at = (name) => path.join(folder, name);

async function run(...args) {
    const child = spawn(path.join(ROOT, "crema"), args, { stdio: ["ignore", "pipe", "pipe"], cwd: folder, env: { ...process.env, CREMA_CACHE: at("cache") } });
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return { out, err, status };
}

/** Its output, where nothing goes wrong. */
async function crema(...args) {
    const { out, err, status } = await run(...args);
    assert.equal(status, 0, err);
    return out;
}

before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "crema-eval-"));
    writeFileSync(at("text.txt"), STORY);
    writeFileSync(at("empty.txt"), "");
    await crema("convert", TINY, "q2.gguf", "--type", "Q2_K");
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("perplexity of a text, of the embedded model and of one in another format", async () => {
    const base = JSON.parse(await crema("eval", "ppl", "text.txt", "--json"));
    const rounded = JSON.parse(await crema("eval", "ppl", "q2.gguf", "text.txt", "--json"));
    assert.deepEqual(Object.keys(base), ["perplexity", "standard_error", "mean_loss", "tokens"]);
    assert.ok(base.perplexity > 1 && rounded.perplexity > 1 && rounded.perplexity !== base.perplexity, JSON.stringify({ base, rounded }));
    assert.match(await crema("eval", "ppl", "text.txt"), /^perplexity {10}\d+\.\d+\nstandard error/);
});

test("divergence from another format, and importance makes it less", async () => {
    const of = async (model) => JSON.parse(await crema("eval", "kld", model, "text.txt", "--base", TINY, "--json"));
    assert.match(await crema("imatrix", "text.txt", "matrix.gguf"), /^matrix\.gguf: 29 tensors\n$/);
    await crema("convert", TINY, "weighted.gguf", "--type", "Q2_K", "--imatrix", "matrix.gguf");
    const [plain, weighted] = [await of("q2.gguf"), await of("weighted.gguf")];
    assert.ok(weighted.mean_kld < plain.mean_kld && weighted.same_top > 0.5, JSON.stringify({ plain, weighted }));
});

test("multiple choice", async () => {
    const tasks = [{ query: "Once upon a", choices: [" time", " xq"], answer: 0 }, { query: "The dog was very", choices: [" zzkq", " happy"], answer: 1 }];
    writeFileSync(at("tasks.jsonl"), tasks.map((task) => JSON.stringify(task)).join("\n"));
    assert.deepEqual(JSON.parse(await crema("eval", "choice", "tasks.jsonl", "--json")), { accuracy: 1, accuracy_by_byte: 1, questions: 2 });
});

test("a sweep writes a table and plots", async () => {
    const said = await crema("eval", "sweep", "text.txt", "out", "--types", "Q4_0,nf4", "--temperature", "0,1", "--top-k", "40", "--max-tokens", "8,16");
    assert.match(said, /^8 points: out\/sweep\.csv, /);
    const [header, ...rows] = readFileSync(at("out/sweep.csv"), "utf8").trim().split("\n").map((line) => line.split(","));
    assert.equal(rows.length, 8);
    const points = rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
    for (const point of points) {
        assert.ok(Number(point.perplexity) > 1 && Number(point.bytes) > 1e6 && Number(point.kv_bytes) > 0, JSON.stringify(point));
        assert.equal(Number(point.tokens_per_second) > 0, point.format === "Q4_0", JSON.stringify(point));
    }
    assert.ok(readdirSync(at("out")).filter((name) => name.endsWith(".svg")).length >= 8);
    assert.match(readFileSync(at("out/temperature.svg"), "utf8"), /<svg .*temperature.*nf4/s);
});

test("inspect names what it found, how it is stored, and what can't be done with it", async () => {
    await crema("convert", TINY, "nf4", "--type", "nf4");
    await crema("convert", TINY, "web/", "--type", "Q4_0", "--shard-size", "600kB");
    const nf4 = await crema("inspect", "nf4");
    assert.match(nf4, /format {10}safetensors\n.*stored as +bitsandbytes, nf4\n.*runs +yes\n/s);
    assert.match(await crema("inspect", "web"), /format +gguf\n.*  Q4_0 +28 tensors.*runs +yes\n/s);
    const config = JSON.parse(readFileSync(at("nf4/config.json"), "utf8"));
    writeFileSync(at("nf4/config.json"), JSON.stringify({ ...config, model_type: "mamba" }));
    rmSync(at("nf4/crema.json"));
    assert.match(await crema("inspect", "nf4"), /runs +no: The model_type mamba/);
    const [part] = readdirSync(at("web")).filter((name) => name.includes("-00002-"));
    const bytes = readFileSync(at(`web/${part}`));
    bytes[bytes.length - 100] ^= 1;
    writeFileSync(at(`web/${part}`), bytes);
    const damaged = await run("inspect", "web");
    assert.equal(damaged.status, 1);
    assert.match(damaged.err, /-00002-of-\d+\.gguf of \d+ bytes has SHA-256 [0-9a-f]{64}, crema\.json says/);
});

for (const [what, status, message, ...args] of [
    ["a text that is missing", 1, /^crema: There is no file none\.txt\.\n$/, "eval", "ppl", "none.txt"],
    ["a text without anything to predict", 1, /^crema: A text of 0 tokens .* Take a longer text\.\n$/, "eval", "ppl", "empty.txt"],
    ["a text that is none", 1, /^crema: q2\.gguf is no text in UTF-8\.\n$/, "eval", "ppl", "q2.gguf"],
    ["tasks that are none", 1, /^crema: Line 1 is no question\. Expected: \{"query"/, "eval", "choice", "text.txt"],
    ["a format that is none", 2, /^crema: There is no format nf5 .* nf4, fp4, int8/, "eval", "sweep", "text.txt", "out", "--types", "Q4_0,nf5"],
    ["a type that is none", 2, /^crema: --type is Q9; Crema writes F32, .*nf4/, "convert", TINY, "x.gguf", "--type", "Q9"],
    ["a file that is there", 2, /--force/, "convert", TINY, "q2.gguf", "--type", "Q8_0"],
    ["a matrix that is none", 1, /^crema: q2\.gguf is no importance matrix/, "convert", TINY, "x.gguf", "--type", "Q2_K", "--imatrix", "q2.gguf"],
    ["a matrix that is missing", 1, /^crema: There is no importance matrix at none\./, "convert", TINY, "x.gguf", "--type", "Q2_K", "--imatrix", "none"],
]) {
    test(`${what}: refused in one line`, async () => {
        const result = await run(...args);
        assert.deepEqual({ status: result.status, out: result.out, lines: result.err.split("\n").length }, { status, out: "", lines: 2 }, result.err);
        assert.match(result.err, message);
    });
}
