// `./crema bench`: measures in the browser, alone or beside other engines. Exit status 0 (done), 1 (failed), 2 (usage).

import { parseArgs } from "node:util";

class Usage extends Error { }

const HELP = {
    bench: `Usage: crema bench web [MODEL] [OPTIONS]
       crema bench peers [OPTIONS]
       crema bench kernels [PATTERN] [OPTIONS]
Measure how fast models run on WebGPU.

  web      run the benchmark page (demo-site/bench.html) in headless Chromium
  peers    run Crema, transformers.js and wllama side by side on one made-up model
  kernels  measure mat-muls by themselves, in every variant of their kernels, on Dawn in Node

'crema bench web --help' and so on explain the options.`,
    web: `Usage: crema bench web [MODEL] [OPTIONS]
Run the benchmark page in headless Chromium and print its tables.
      MODEL                  GGUF file, Hugging Face folder, or http(s) URL of either; the embedded crema-tiny without it.
      --device DEVICE        webgpu, reference or auto. Default: webgpu.
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

const OPTIONS = {
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
    device: ["auto", "webgpu", "reference"], adapter: ["auto", "gpu", "swiftshader"], preset: ["quick", "standard", "patient"],
    sections: ["load", "prefill", "decode", "batch", "stepsAhead", "kernels"], engines: ["crema", "transformers", "wllama"],
};
const NUMBERS = ["context-length", "tokens", "prompt", "rounds", "minutes", "millis"];
const POSITIVE = NUMBERS.slice(1);

/** The options of a command line, checked; null where help was asked for and shown. */
function read(args) {
    const [command, ...rest] = args;
    if (command === undefined || command === "-h" || command === "--help") {
        console.log(HELP.bench);
        return null;
    }
    if (!Object.hasOwn(OPTIONS, command)) {
        throw new Usage(`There is no benchmark '${command}'. They are web, peers and kernels.`);
    }
    if (rest.includes("-h") || rest.includes("--help")) {
        console.log(HELP[command]);
        return null;
    }
    const { values, positionals } = parse(command, rest);
    if (positionals.length > (command === "peers" ? 0 : 1)) {
        throw new Usage(`'${positionals.at(-1)}' is one argument too many.`);
    }
    for (const name of Object.keys(CHOICES).filter((each) => values[each] !== undefined)) {
        const wrong = values[name].split(",").find((value) => !CHOICES[name].includes(value));
        if (wrong !== undefined) {
            throw new Usage(`--${name} is '${wrong}'; it is one of ${CHOICES[name].join(", ")}.`);
        }
    }
    for (const name of NUMBERS.filter((each) => values[each] !== undefined)) {
        if (!/^\d{1,9}$/.test(values[name])) {
            throw new Usage(`--${name} is '${values[name]}', expected a whole number.`);
        }
        values[name] = Number(values[name]);
        if (POSITIVE.includes(name) && values[name] === 0) {
            throw new Usage(`--${name} is 0, expected 1 or more.`);
        }
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

const run = {
    web: async (options) => (await import("./bench-web.mjs")).benchWeb(options),
    peers: async (options) => (await import("./bench-peers.mjs")).benchPeers(options),
    kernels: async (options) => (await import("./bench-kernels.mjs")).benchKernels(options),
};

try {
    const options = read(process.argv.slice(2));
    if (options) {
        await run[options.command](options);
    }
} catch (error) {
    if (error instanceof Usage) {
        console.error(`crema: ${error.message} Try 'crema bench --help'.`);
        process.exit(2);
    }
    console.error(`crema: ${error.code === "ERR_MODULE_NOT_FOUND" ? missing(error) : error.message}`);
    if (process.env.CREMA_DEBUG) {
        console.error(error.stack);
    }
    process.exit(1);
}

function missing(error) {
    return /playwright-core/.test(error.message) ? "The browser driver playwright-core is not installed. Run 'npm ci' in tests/node and try again." : error.message;
}
