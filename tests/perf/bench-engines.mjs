// `./crema bench [MODEL]`: Crema on one device, alone or in turn with another engine on the same file with the same number of threads.

import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DEMO_MOUNTS, ROOT, serve } from "../node/static-server.mjs";
import { installPackages } from "../run/install.mjs";
import { ratio, spread } from "./figures.mjs";
import { append, enginesLine } from "./history.mjs";
import { CREMA, MADE, crema, place, synthesize, synthesizeOnnx } from "./models.mjs";
import { startProcess } from "./process-side.mjs";
import { printEngines } from "./tables.mjs";

/** Tokens of the prompt of a decode: StepTimer.SHORT_PROMPT. */
const SHORT_PROMPT = 8;
const LLAMA_CPP = path.join(ROOT, "tests/goldens/make");
const PEERS = path.join(ROOT, "tests/peers");
/** Has the browser's driver. */
const DRIVER = path.join(ROOT, "tests/node");
/** Peers that run in a page, by the name of their module in tests/peers. */
const PAGE_ENGINES = { wllama: "wllama", "transformers.js": "transformers" };

export async function benchEngines(options) {
    const file = options.argument === null ? synthesize(options.shape, options.type) : options.argument;
    if (!existsSync(file)) {
        throw new Error(`There is no file or folder ${file}.`);
    }
    const model = JSON.parse(crema("measure", file, "--describe"));
    const run = { ...options, file: path.resolve(file), model, context: Math.max(...options.prompt, SHORT_PROMPT + options.tokens) + 1 };
    if (run.context > model.contextLength) {
        throw new Error(`${model.id} takes texts of ${model.contextLength} tokens at most; --prompt and --tokens ask for ${run.context}.`);
    }
    const bandwidth = JSON.parse(crema("measure", "--bandwidth", "--threads", String(options.threads))).bytesPerSecond;
    const result = { ...describe(run), bandwidthBytesPerSecond: bandwidth, ...await measure(run, bandwidth) };
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : printEngines(result));
    if (options.record) {
        console.error(`Recorded in ${path.relative(process.cwd(), append(enginesLine(result)))}.`);
    }
}

function describe({ model, device, threads, repack, prompt, tokens, repeat }) {
    const { contextLength, ...what } = model;
    return {
        schema: "crema-bench-engines/1", date: new Date().toISOString(), model: what, device, threads, ...device === "vector" && { repack }, prompt, tokens, repeat,
        machine: machine(),
    };
}

/** Where figures come from; `load` is what others ran meanwhile, the mean number of their threads. */
export function machine() {
    return { processor: os.cpus()[0]?.model ?? "unknown", cores: os.availableParallelism(), load: os.loadavg()[0] };
}

/** Starts the sides, measures them in turn, and ends them whatever happens. */
async function measure(run, bandwidth) {
    const sides = {};
    try {
        if (isOfBrowser(run)) {
            await preparePages(run);
        }
        for (const [name, start] of Object.entries(starters(run))) {
            sides[name] = await start();
        }
        const measured = await rounds(sides, run);
        const engines = {};
        for (const [name, side] of Object.entries(sides)) {
            engines[name] = await figures(side, measured[name], run, bandwidth);
        }
        return { engines, ...run.peer && { ratios: ratios(measured.crema, measured[run.peer]) } };
    } finally {
        await Promise.all(Object.values(sides).map((side) => side.close()));
        await run.site?.close();
    }
}

/** How each side is started, by name. */
function starters(run) {
    const crema = isOfBrowser(run) ? () => startPage("crema", run.site.url, run.addresses, run) : () => startCrema(run);
    const peer = isOfBrowser(run) ? () => startPage(PAGE_ENGINES[run.peer], run.site.url, run.addresses, run) : () => startLlamaCpp(run);
    return { crema, ...run.peer && { [run.peer]: peer } };
}

function isOfBrowser({ device }) {
    return device === "wasm" || device === "webgpu";
}

/** What a page needs beside what a process does: a server, and the same model in the peer's format. */
async function preparePages(run) {
    installPackages(DRIVER);
    if (run.peer) {
        installPackages(PEERS);
    }
    const { source, mounts } = place(run.file);
    let onnx = null;
    if (run.peer === "transformers.js") {
        onnx = `/models/made/${path.basename(synthesizeOnnx(run.shape, JSON.parse(crema("inspect", run.file, "--json")).config))}`;
    }
    run.site = await serve({ ...DEMO_MOUNTS, ...mounts, "/peers/": PEERS, "/models/made/": MADE });
    run.addresses = { gguf: source, onnx };
    Object.assign(run, { vocabulary: run.model.vocabulary, contextLength: run.context });
}

/** The driver is there only now, and what needs no browser does not need it. */
async function startPage(...args) {
    const page = await import("./page-side.mjs");
    return page.startPage(...args);
}

function startCrema({ file, device, threads, context, repack }) {
    const choices = ["--device", device, "--threads", String(threads), "--context-length", String(context), ...repack ? [] : ["--no-repack"]];
    return startProcess(CREMA, ["measure", file, ...choices]);
}

function startLlamaCpp({ file, threads, context, model }) {
    installPackages(LLAMA_CPP, { partialLock: true });
    return startProcess(process.execPath, [path.join(ROOT, "tests/peers/llama-cpp.mjs"), file, threads, context, model.vocabulary].map(String));
}

/**
 * What each side did in each round, as rates and times: { engine: { "prefill 128": [tokens/s], "first 128": [ms], decode: [tokens/s] } }. The sides take
 * turns within a round, and who begins changes from round to round. The first round makes code and caches warm and does not count.
 */
async function rounds(sides, { prompt, tokens, repeat }) {
    const orders = [...prompt.map((length) => ["prefill", length]), ["first", prompt[0]], ["decode", tokens]];
    const measured = Object.fromEntries(Object.keys(sides).map((name) => [name, {}]));
    for (let round = 0; round <= repeat; round++) {
        for (const [kind, length] of orders) {
            for (const name of round % 2 ? Object.keys(sides) : Object.keys(sides).reverse()) {
                show(`round ${round} of ${repeat}: ${name}, ${kind} ${length}`);
                const { tokens: done, millis } = await sides[name].measure(kind, length);
                if (round > 0) {
                    (measured[name][kind === "decode" ? kind : `${kind} ${length}`] ??= []).push(kind === "first" ? millis : done / millis * 1000);
                }
            }
        }
    }
    show("");
    return measured;
}

/** One line of the terminal, written over. */
function show(text) {
    if (process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[K${text}`);
    }
}

async function figures(side, measured, { prompt, model }, bandwidth) {
    const decode = spread(measured.decode);
    const bytesPerSecond = decode.median * model.decodeBytes;
    return {
        name: side.name, loadMillis: Math.round(side.loadMillis), prefill: Object.fromEntries(prompt.map((length) => [length, spread(measured[`prefill ${length}`])])),
        firstTokenMillis: { prompt: prompt[0], ...spread(measured[`first ${prompt[0]}`]) }, decode, peakBytes: await side.peakBytes(),
        weightBytesPerSecond: bytesPerSecond, bandwidthShare: bytesPerSecond / bandwidth,
    };
}

/** How many times faster Crema is; times are turned into rates. */
function ratios(own, peer) {
    const rates = ([name, values]) => [name, name.startsWith("first") ? values.map((millis) => 1 / millis) : values];
    const peers = Object.fromEntries(Object.entries(peer).map(rates));
    return Object.fromEntries(Object.entries(own).map(rates).map(([name, values]) => [name, ratio(values, peers[name])]));
}
