// The command line of `./crema bench`: what it may say, and its help.

import { existsSync } from "node:fs";
import os from "node:os";
import { parseArgs } from "node:util";

export class Usage extends Error { }

export const HELP = {
    bench: `Usage: crema bench [MODEL] --device DEVICE [--peer PEER] [OPTIONS]
       crema bench startup [MODEL] [OPTIONS]
       crema bench web [MODEL] [OPTIONS]
       crema bench peers [OPTIONS]
       crema bench kernels [PATTERN] [OPTIONS]
       crema bench load [OPTIONS]
Measure how fast models run.

           without a word: one device, alone or in turn with another engine on the same file
  startup  from the start of the process to the first token
  web      run the benchmark page (demo-site/bench.html) in headless Chromium
  peers    run Crema, transformers.js and wllama on WebGPU side by side on one made-up model
  kernels  measure mat-muls by themselves, in every variant of their kernels, on Dawn in Node
  load     stream from 'crema serve' with many clients at once, and see what is left of it

'crema bench engines --help', 'crema bench web --help' and so on explain the options.`,
    engines: `Usage: crema bench [MODEL] --device DEVICE [--peer PEER] [OPTIONS]
Measure prefill, decode, time to the first token and memory of Crema on one device. With a peer, both load the same file and are measured in turn with the
same number of threads, and the ratio of the medians is printed, with the least and the greatest ratio of a round.
      MODEL                  GGUF file or Hugging Face folder; without it one is made up in .crema/bench, in a real shape with random weights.
      --shape SHAPE          Shape of the made-up model: one of 'crema synth'. Default: smollm2-135m.
      --type TYPE            Its number format, as ggml calls it. Default: Q4_0.
      --device DEVICE        vector or reference on the JVM; wasm or webgpu in headless Chromium. Default: vector.
      --peer PEER            On the JVM llama.cpp (npm node-llama-cpp); in Chromium wllama or transformers.js (a made-up model in Q4_0 alone, which it gets as
                             ONNX). Each is installed from the npm registry when it is first asked for.
      --threads N            Threads of each side. Default: as many as there are cores; 1 for reference.
      --no-repack            Of device vector: keep weights in the mapped file alone instead of an order in which 4-bit ones are faster.
      --adapter ADAPTER      Of device webgpu: gpu, swiftshader (software) or auto. Default: auto.
      --prompt LIST          Tokens of the prompts whose prefill is measured; the first also gives the time to the first token. Default: 128,512.
      --tokens N             Tokens of a decode, after a prompt of 8. Default: 64.
      --repeat N             Rounds that count, after one that does not. Default: 5.
      --json                 Print one JSON object.
      --record               Append a line to tests/perf/history.jsonl.
  -h, --help                 Show this help.`,
    web: `Usage: crema bench web [MODEL] [OPTIONS]
Run the benchmark page in headless Chromium and print its tables.
      MODEL                  GGUF file, Hugging Face folder, or http(s) URL of either; the embedded crema-tiny without it.
      --device DEVICE        webgpu, wasm, reference or auto. Default: webgpu.
      --adapter ADAPTER      WebGPU adapter: gpu, swiftshader (software), or auto, which takes a GPU where there is one. Default: auto.
      --preset PRESET        quick, standard or patient. Default: quick.
      --sections LIST        Some of load,prefill,decode,batch,stepsAhead,kernels. Default: all.
      --context-length N     Tokens of prompt and reply together, at most; 0 for the model's own limit.
      --headless             Without a window; the default. --no-headless shows it.
      --json                 Print the result as one JSON object, as the page exports it.
      --record               Append a line to tests/perf/history.jsonl.
  -h, --help                 Show this help.`,
    peers: `Usage: crema bench peers [OPTIONS]
Run Crema, transformers.js and wllama on WebGPU side by side: one shape, random weights, one after the other in one browser.
      --shape SHAPE          tiny, smollm2-135m, qwen2-0.5b or another of the Llama family or Qwen2 of 'crema synth'. Default: tiny.
      --tokens N             New tokens of a decode. Default: 4.
      --prompt N             Tokens of the prompt. Default: 16.
      --engines LIST         Some of crema,transformers,wllama. Default: all.
      --rounds N             How often each engine has its turn; the median counts. Default: 1.
      --adapter ADAPTER      gpu, swiftshader or auto. Default: auto.
      --minutes N            What one engine may take. Default: 15.
      --json                 Print one JSON object.
  -h, --help                 Show this help.`,
};

HELP.kernels = `Usage: crema bench kernels [PATTERN] [OPTIONS]
Measure mat-muls by themselves on Dawn in Node: microseconds, GB/s and GFLOP/s, by the device's own choice and with each kernel variant forced.
Runs on SwiftShader; VK_ICD_FILENAMES names another Vulkan driver.
      PATTERN                Cases of the conformance suite, * for any text. Default: speed/matMul/{f16,q8_0,q4_0,q4_k}/*_in1024_out1024;
                             there are also in4096_out4096 and in4096_out14336, rows 1, 4 and 128, and all other formats.
      --variants LIST        Some of those that apply here, or none. Default: all of mat-muls.
      --millis N             Time for each. Default: 300.
      --json                 Print one JSON object.
  -h, --help                 Show this help.`;

HELP.startup = `Usage: crema bench startup [MODEL] [OPTIONS]
Measure 'crema complete' from the start of its process to the first token on standard output, the model's file in the page cache.
      MODEL                  GGUF file or Hugging Face folder; without it one is made up in .crema/bench, in a real shape with random weights.
      --shape SHAPE          Shape of the made-up model: one of 'crema synth'. Default: llama-3.2-1b.
      --type TYPE            Its number format, as ggml calls it. Default: Q4_0.
      --device DEVICE        vector or reference. Default: vector.
      --no-repack            Of device vector: keep weights in the mapped file alone, which begins sooner and then is slower with most formats.
      --repeat N             Runs that count, after two that do not. Default: 5.
      --json                 Print one JSON object.
      --record               Append a line to tests/perf/history.jsonl.
  -h, --help                 Show this help.`;

HELP.load = `Usage: crema bench load [OPTIONS]
Stream from 'crema serve' (the embedded model) with many clients at once, beside some that read slowly, not at all, or leave in the middle. Prints their
rates, and what an idle server holds before and after: heap, threads, open files, KV pages, requests. Fails where a client got an error.
      --clients N            Clients that stream at once. Default: 64.
      --seconds N            How long. Default: 120.
      --json                 Print one JSON object.
  -h, --help                 Show this help.`;

const OPTIONS = {
    load: { clients: { type: "string", default: "64" }, seconds: { type: "string", default: "120" }, json: { type: "boolean" } },
    startup: {
        shape: { type: "string" }, type: { type: "string" }, device: { type: "string", default: "vector" }, repeat: { type: "string", default: "5" },
        repack: { type: "boolean", default: true }, json: { type: "boolean" }, record: { type: "boolean" },
    },
    engines: {
        device: { type: "string", default: "vector" }, peer: { type: "string" }, shape: { type: "string" }, type: { type: "string" }, threads: { type: "string" },
        adapter: { type: "string", default: "auto" }, prompt: { type: "string", default: "128,512" }, tokens: { type: "string", default: "64" }, repeat: { type: "string", default: "5" },
        repack: { type: "boolean", default: true }, json: { type: "boolean" }, record: { type: "boolean" },
    },
    kernels: { variants: { type: "string" }, millis: { type: "string", default: "300" }, json: { type: "boolean" } },
    web: {
        device: { type: "string", default: "webgpu" }, adapter: { type: "string", default: "auto" }, preset: { type: "string", default: "quick" },
        sections: { type: "string" }, "context-length": { type: "string", default: "0" }, headless: { type: "boolean", default: true },
        json: { type: "boolean" }, record: { type: "boolean" },
    },
    peers: {
        shape: { type: "string", default: "tiny" }, tokens: { type: "string", default: "4" }, prompt: { type: "string", default: "16" },
        engines: { type: "string", default: "crema,transformers,wllama" }, adapter: { type: "string", default: "auto" },
        rounds: { type: "string", default: "1" }, minutes: { type: "string", default: "15" }, json: { type: "boolean" },
    },
};

const CHOICES = {
    device: ["auto", "webgpu", "wasm", "reference"], adapter: ["auto", "gpu", "swiftshader"], preset: ["quick", "standard", "patient"],
    sections: ["load", "prefill", "decode", "batch", "stepsAhead", "kernels"], engines: ["crema", "transformers", "wllama"],
};
/** Which engines run where a device runs. */
const PEERS = { vector: ["llama.cpp"], reference: ["llama.cpp"], wasm: ["wllama", "transformers.js"], webgpu: ["wllama", "transformers.js"] };
const DEVICES = { engines: Object.keys(PEERS), startup: ["vector", "reference"] };
const DEFAULT_SHAPES = { engines: "smollm2-135m", startup: "llama-3.2-1b" };
const NUMBERS = ["context-length", "tokens", "prompt", "rounds", "minutes", "millis", "threads", "repeat", "clients", "seconds"];
const POSITIVE = NUMBERS.slice(1);

/** The options of a command line, checked; null where help was asked for and shown. */
export function read(args) {
    const [word] = args;
    const isNamed = Object.hasOwn(OPTIONS, word);
    const command = isNamed || args.length === 0 || args.length === 1 && ["-h", "--help"].includes(word) ? word : "engines";
    const rest = isNamed ? args.slice(1) : args;
    if (command === undefined || command === "-h" || command === "--help") {
        console.log(HELP.bench);
        return null;
    }
    if (rest.includes("-h") || rest.includes("--help")) {
        console.log(HELP[command]);
        return null;
    }
    const { values, positionals } = parse(command, rest);
    if (positionals.length > (["peers", "load"].includes(command) ? 0 : 1)) {
        throw new Usage(`'${positionals.at(-1)}' is one argument too many.`);
    }
    if (command === "engines" || command === "startup") {
        checkModel(command, values, positionals);
    }
    if (command === "engines") {
        checkEngines(values);
    }
    const choices = { ...CHOICES, ...DEVICES[command] && { device: DEVICES[command] } };
    for (const name of Object.keys(choices).filter((each) => values[each] !== undefined)) {
        const wrong = values[name].split(",").find((value) => !choices[name].includes(value));
        if (wrong !== undefined) {
            throw new Usage(`--${name} is '${wrong}'; it is one of ${choices[name].join(", ")}.`);
        }
    }
    for (const name of NUMBERS.filter((each) => typeof values[each] === "string")) {
        values[name] = number(name, values[name]);
    }
    return { command, argument: positionals[0] ?? null, ...values };
}

function parse(command, args) {
    try {
        return parseArgs({ args, options: OPTIONS[command], allowPositionals: true, allowNegative: true });
    } catch (error) {
        throw new Usage(error.message.split(". ")[0] + ".");
    }
}

function number(name, text) {
    if (!/^\d{1,9}$/.test(text)) {
        throw new Usage(`--${name} is '${text}', expected a whole number.`);
    }
    if (POSITIVE.includes(name) && Number(text) === 0) {
        throw new Usage(`--${name} is 0, expected 1 or more.`);
    }
    return Number(text);
}

/** A model is there, or made up. */
function checkModel(command, values, [model]) {
    if (model !== undefined && !existsSync(model)) {
        throw new Usage(`There is no benchmark, file or folder '${model}'. The benchmarks are engines, startup, web, peers, kernels and load.`);
    }
    if (model !== undefined && (values.shape ?? values.type) !== undefined) {
        throw new Usage("--shape and --type are of a made-up model, and a model is given.");
    }
    values.isGiven = model !== undefined;
    values.shape ??= DEFAULT_SHAPES[command];
    values.type ??= "Q4_0";
}

/** What only some devices have. */
function checkEngines(values) {
    const { device, peer } = values;
    if (peer !== undefined && PEERS[device]?.includes(peer) === false) {
        throw new Usage(`--peer is '${peer}'; beside the device ${device} it is one of ${PEERS[device].join(", ")}.`);
    }
    if (peer === "transformers.js" && (values.isGiven || values.type.toUpperCase() !== "Q4_0")) {
        throw new Usage("transformers.js reads ONNX, which is made for --shape and --type Q4_0 alone.");
    }
    values.threads ??= String(device === "reference" ? 1 : os.availableParallelism());
    if (device === "reference" && values.threads !== "1") {
        throw new Usage(`The reference device computes on one thread, and --threads is ${values.threads}.`);
    }
    values.prompt = values.prompt.split(",").map((each) => number("prompt", each));
}
