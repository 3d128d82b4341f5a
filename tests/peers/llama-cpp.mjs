// llama.cpp as one side of `./crema bench`: loads a GGUF file on the CPU, reads orders as `crema measure` does, and answers each with a line of JSON.
// usage: node llama-cpp.mjs FILE THREADS CONTEXT VOCABULARY

import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const SHORT_PROMPT = 8;
const GREEDY = { temperature: 0, yieldEogToken: true };
const [file, threads, contextSize, vocabulary] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const packages = join(import.meta.dirname, "../goldens/make/node_modules/node-llama-cpp");
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(join(packages, "dist/index.js")));

const began = performance.now();
// 0 of maxThreads: a context takes exactly the threads that it is told.
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: 0 });
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const context = await model.createContext({ contextSize, batchSize: Math.min(512, contextSize), threads });
const sequence = context.getSequence();
say({ name: `llama.cpp ${llama.llamaCppRelease.release}`, loadMillis: performance.now() - began });

const measurements = {
    prefill: async (tokens) => timed(() => sequence.evaluateWithoutGeneratingNewTokens(prompt(tokens))),
    first: async (tokens) => {
        const next = sequence.evaluate(prompt(tokens), GREEDY);
        const millis = await timed(() => next.next());
        await next.return();
        return millis;
    },
    decode: async (tokens) => {
        const next = sequence.evaluate(prompt(SHORT_PROMPT), GREEDY);
        await next.next();
        const millis = await timed(async () => {
            for (let i = 0; i < tokens; i++) {
                await next.next();
            }
        });
        await next.return();
        return millis;
    },
};

for await (const line of createInterface({ input: process.stdin })) {
    const [kind, tokens] = line.split(" ");
    await sequence.clearHistory();
    say({ millis: await measurements[kind](Number(tokens)) });
}
process.exit(0);

async function timed(work) {
    const start = performance.now();
    await work();
    return performance.now() - start;
}

/** The ids that StepTimer.prompt gives Crema. */
function prompt(tokens) {
    return Array.from({ length: tokens }, (_, i) => (i + 1) * 7919 % vocabulary);
}

function say(line) {
    process.stdout.write(`${JSON.stringify(line)}\n`);
}
