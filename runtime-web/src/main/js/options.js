// The options of createEngine and engine.load, checked before anything starts.

import { invalidRequest } from "./errors.js";
import { readHashes } from "./hashes.js";
import { LOG_LEVELS } from "./log.js";
import { hasFiles } from "./surroundings.js";

const DEVICES = ["auto", "webgpu", "wasm", "reference"];
const MAX_THREADS = 64;
/** Outside of browsers a GPU is asked for only by name: Deno looks for one in a way that may end the process where there is none. */
const USUAL_DEVICE = hasFiles ? "wasm" : "auto";
const KV_TYPES = ["f32", "f16", "q8_0", "q4_0"];
const CACHES = [true, false, "opfs", "cache", "indexeddb"];
const WORKERS = [true, "dedicated", "shared", "service", false];

const MODEL_OPTIONS = "device, threads, selfTest, tune, contextLength, kvType, stepsAhead, maxQueued, id, cache, mustKeep, hashes and endpoint";

/** Of the engine as a whole: `{ worker, startWorker, serviceWorker, logLevel, onLog }`; the rest is a model's. */
export function splitOptions({ worker = true, startWorker = null, serviceWorker = null, logLevel = "warn", onLog = null, ...rest }) {
    if (!WORKERS.includes(worker) && typeof worker?.postMessage !== "function") {
        throw invalidRequest(`worker is ${worker}.`, "It is \"dedicated\", \"shared\", \"service\", false for the page itself, or a port to where serveEngine runs.", "worker");
    }
    if (startWorker !== null && typeof startWorker !== "function") {
        throw invalidRequest("startWorker is no function.", "It takes the address of the worker's script and returns a module worker.", "startWorker");
    }
    oneOf("logLevel", logLevel, LOG_LEVELS);
    if (onLog !== null && typeof onLog !== "function") {
        throw invalidRequest("onLog is no function.", "It takes { level, message }.", "onLog");
    }
    return { engine: { worker: worker === true ? "dedicated" : worker, startWorker, serviceWorker, logLevel, onLog }, model: rest };
}

/** A model's settings with their defaults; what is not known, or out of range, is an `invalid_request`. */
export function checkSettings({ device = USUAL_DEVICE, threads = 0, selfTest = "auto", tune = "auto", contextLength = 0, kvType = "f32", stepsAhead = 4, maxQueued = 256,
    id = null, cache = true, mustKeep = false, hashes = null, endpoint = "https://huggingface.co", ...unknown }) {
    const names = Object.keys(unknown);
    if (names.length > 0) {
        throw invalidRequest(`createEngine has no option "${names[0]}".`,
            `It knows onProgress, onDevice, signal, worker, startWorker, serviceWorker, logLevel, onLog, and of a model ${MODEL_OPTIONS}.`, names[0]);
    }
    oneOf("device", device, DEVICES);
    whole("threads", threads, 0, MAX_THREADS, "0 takes as many as suit the processor");
    oneOf("selfTest", selfTest, ["auto", "off"]);
    oneOf("tune", tune, ["auto", "off"]);
    whole("contextLength", contextLength, 0, 2 ** 24, "0 takes the model's own");
    oneOf("kvType", kvType, KV_TYPES);
    whole("stepsAhead", stepsAhead, 1, 8, "steps that are under way at once");
    whole("maxQueued", maxQueued, 0, 100_000, "requests that wait for their turn");
    if (id !== null && (typeof id !== "string" || id === "")) {
        throw invalidRequest("id must be a text that is not empty.", "It is the model's name in the API.", "id");
    }
    oneOf("cache", cache, CACHES);
    oneOf("mustKeep", mustKeep, [true, false]);
    if (hashes !== "auto") {
        readHashes(hashes);
    }
    if (!/^https?:\/\//.test(String(endpoint))) {
        throw invalidRequest(`endpoint is ${endpoint}.`, "It is the http address of a hub, like https://huggingface.co.", "endpoint");
    }
    return { device, threads, selfTest, tune, contextLength, kvType, stepsAhead, maxQueued, id, cache };
}

function oneOf(name, value, choices) {
    if (!choices.includes(value)) {
        throw invalidRequest(`${name} is ${JSON.stringify(value) ?? String(value)}.`, `Choose one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}.`, name);
    }
}

function whole(name, value, least, most, meaning) {
    if (!Number.isInteger(value) || value < least || value > most) {
        throw invalidRequest(`${name} is ${value}.`, `It is a whole number from ${least} to ${most}: ${meaning}.`, name);
    }
}
