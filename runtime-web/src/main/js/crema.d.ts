// Crema: language models in the page, behind the OpenAI API.
//
//     import { createEngine } from "./crema.js";
//     const engine = await createEngine("https://huggingface.co/org/model/resolve/main/model.gguf");
//     for await (const chunk of engine.chat.completions.create({ messages: [{ role: "user", content: "Hi" }], stream: true })) {
//         console.log(chunk.choices[0]?.delta.content ?? "");
//     }

import type {
    ChatCompletion, ChatCompletionChunk, ChatCompletionRequest, Completion, CompletionRequest, Embeddings, EmbeddingsRequest, ModelCard, ModelList, ModelResponse, ResponseEvent,
    ResponsesRequest,
} from "./openai.js";

export * from "./openai.js";

/**
 * Where a model is: the URL of a GGUF file; the URL of a Hugging Face folder (ending in `/`, with config.json in it; addresses of
 * huggingface.co pages are understood); `hf:owner/repo[@revision][/file]` at the option `endpoint`; a GGUF `File` or `Blob`; the `File`s of a folder; or
 * a handle of a file or folder that the user opened. Models in parts (`model-00001-of-00003`) are named by their first. Relative URLs start at
 * `document.baseURI`.
 */
export type ModelSource = string | URL | Blob | File | ArrayLike<File> | FileSystemFileHandle | FileSystemDirectoryHandle;

/** One of several models: a source, with options of its own. */
export type ModelSpec = string | URL | ({ source: ModelSource } & ModelOptions);

/** Of the engine; what it has of ModelOptions holds for every model that does not set it anew. */

export interface EngineOptions extends ModelOptions {
    /**
     * Where the engine runs. `"dedicated"` (as without it): a worker of this page. `"shared"`: a shared worker, one engine for all tabs of the
     * site; what they load alike is in memory once. `"service"`: a service worker, which needs no open page; the browser may stop it, then
     * models are loaded again from the store and requests that had not begun go on. `false`: the page itself, which each step of the model holds
     * up. A port (MessagePort, Worker, a browser extension's Port): wherever `serveEngine` of `serve.js` has the other end. Shared and service
     * workers have no threads for device `wasm`.
     */
    worker?: true | "dedicated" | "shared" | "service" | false | MessagePort | Worker | ExtensionPort;
    /** The registration of a service worker of the site's own that imports `service-worker.js`; without it that script is registered itself. */
    serviceWorker?: ServiceWorkerRegistration;
    /**
     * Hears that the GPU failed (lost, out of memory, an error of its own) and that it was replaced. In between the engine reads the model
     * again, from the store where it is kept, and computes what was running again; replies pause and go on with the same tokens.
     */
    onDevice?: (event: DeviceEvent) => void;
    /** What is logged: messages of this level and above, to `onLog` or the console. `warn` without it. */
    logLevel?: LogLevel;
    onLog?: (entry: { level: LogLevel; message: string }) => void;
    /** Starts the package's worker in another way than `new Worker(script, { type: "module" })`, for example after a script of your own. */
    startWorker?: (script: URL) => Worker | SharedWorker;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** chrome.runtime.Port, as far as it is used: it carries JSON only, so models come from URLs. */
export interface ExtensionPort {
    postMessage(message: unknown): void;
    disconnect(): void;
    readonly onMessage: { addListener(listener: (message: any) => void): void };
    readonly onDisconnect: { addListener(listener: () => void): void };
}

export interface ModelOptions {
    /** Hears how loading goes on, and how a device that failed is replaced: then phases and fraction start over. */
    onProgress?: (progress: LoadProgress) => void;
    /** Aborts loading; what was downloaded is kept and continued next time. */
    signal?: AbortSignal;
    /**
     * `auto` takes WebGPU where there is a hardware adapter, else `wasm`: SIMD kernels on the CPU, on several threads where the page is cross-origin
     * isolated (https://web.dev/coop-coep). `reference` is slow, and the definition of what the others compute.
     * Without this option `auto`; in Node and Deno `wasm`.
     */
    device?: "auto" | "webgpu" | "wasm" | "reference";
    /** Threads of device `wasm`, 1 to 64; 0, as without it, takes as many as suit the processor. Without cross-origin isolation there is one. */
    threads?: number;
    /**
     * `auto` checks a GPU against the processor at its first use, and remembers what came of it: kernels that compute wrong are not used, and
     * a GPU on which nothing is right is none. `off` trusts the GPU.
     */
    selfTest?: "auto" | "off";
    /**
     * On a GPU that is new to this page, `auto` lets the kernels of a prompt race for a fraction of a second and keeps which won; `off` takes
     * what is known to do well elsewhere.
     */
    tune?: "auto" | "off";
    /** Tokens of prompt and reply together; 0 takes the model's own, as far as memory allows. */
    contextLength?: number;
    /**
     * Number format of the KV cache: a smaller one holds more tokens in the same memory and rounds what it holds; `q8_0` and `q4_0` need heads
     * of a multiple of 32 channels. `f32` without it.
     */
    kvType?: "f32" | "f16" | "q8_0" | "q4_0";
    /**
     * Steps that may be under way on the GPU before the token of the first is read, 1 to 8; 4 without it. More keep a fast GPU busy; steps
     * that turn out to be too many at the end of a reply are thrown away.
     */
    stepsAhead?: number;
    /** Requests that may wait for their turn (eight run at once); one more is refused with `queue_full`. 256 without it. */
    maxQueued?: number;
    /** The model's name in the API; the file's or folder's name without it. */
    id?: string | null;
    /**
     * Whether the model is kept for visits without network: in the origin private file system (`"opfs"`), else the Cache API
     * (`"cache"`), else IndexedDB (`"indexeddb"`); `true` takes the best that works where the engine runs.
     */
    cache?: boolean | "opfs" | "cache" | "indexeddb";
    /** Refuses (`storage_failed`) a model that can't be kept, instead of running it unkept. */
    mustKeep?: boolean;
    /** Hears, before a file is downloaded that is to be kept, how much room it takes and how much there is. */
    onSpace?: (space: { file: string; neededBytes: number; availableBytes: number; fits: boolean }) => void;
    /**
     * SHA-256 of files, by name: `{ "model.gguf": "9f86..." }`, the entries of the Hugging Face API (`/api/models/<id>/tree/main`, or `?blobs=true`), or
     * a manifest `{ files: [{ name, sha256 }] }`. A file that is listed is downloaded whole and checked before it is used: `invalid_checkpoint` if
     * it is another. What is in the store was checked when it came there. `"auto"` asks the hub that the model is from, or takes `crema.json` in its
     * folder, and checks nothing where there is no list.
     */
    hashes?: "auto" | Record<string, string> | object[] | { siblings: object[] } | { files: object[] } | null;
    /** Where `hf:` sources are; https://huggingface.co without it. */
    endpoint?: string;
}

export interface LoadProgress {
    phase: "open" | "test" | "download" | "upload" | "tune" | "compile" | "ready";
    /** The file, tensor or kernel that is being worked on. */
    file: string;
    /** In `unit`s. */
    loaded: number;
    /** -1 where it is not known. */
    total: number;
    /** Pipelines in phase `compile`, kernels (or classes of them) in `test` and `tune`, else bytes. */
    unit: "bytes" | "pipelines" | "kernels";
    /** Of the whole load (of all models where createEngine loads several), from 0 to 1; never goes back. */
    fraction: number;
    /** Of this model's load, at the pace so far; null where nothing can be said yet. */
    secondsLeft: number | null;
}

/** A device fails for good, and `engine.lost` resolves, when it fails again within a minute or before it gave a token. */
export type DeviceEvent =
    | { state: "failed"; error: CremaError; model: string | null }
    | { state: "replaced"; device: EngineInfo["device"]; model: string | null };

export interface EngineInfo {
    device: {
        kind: "webgpu" | "wasm" | "reference" | string;
        /** The hardware. */
        name: string;
        /** Why this device was chosen. */
        reason: string;
        /** What the device has and Crema uses. */
        features: string[];
        /** Null where there was none: no GPU, one that computes wrong altogether (see `reason`), or `selfTest: "off"`. */
        selfTest: SelfTestReport | null;
    };
    model: {
        id: string;
        /** config.json's `model_type`. */
        architecture: string | null;
        format: "gguf" | "safetensors";
        parameters: number;
        /** Of the weights. */
        bytes: number;
        /** The number format that most of these bytes are in, for example `Q4_0`. */
        dtype: string;
        /** Tokens of prompt and reply together. */
        contextLength: number;
        vocabularySize: number;
        hasChatTemplate: boolean;
    };
    load: { engineMillis: number; openMillis: number; uploadMillis: number; totalMillis: number };
}

/** What a GPU's self-test found: kernels in the model's weight formats against the processor, and the first tokens of a small model. */
export interface SelfTestReport {
    /** Whether it ran on an earlier visit. */
    remembered: boolean;
    /** Kernels that compute wrong and are not used, each with what was wrong: `mat_mul.int8: the logits are off by ...`. */
    dropped: string[];
    /** What could not be tested, and why. */
    notes: string[];
    millis: number;
}

/** What became of keeping the model. */
export interface StorageInfo {
    /** Null where it is not kept; `note` says why. */
    kind: "opfs" | "cache" | null;
    /** Whether the whole model came from the store. */
    fromCache: boolean;
    note: string;
}

export interface RequestOptions {
    /** Ends the request; it rejects with the signal's reason (an `AbortError` by default). */
    signal?: AbortSignal;
    /** Of requests that wait for their turn, the one with the highest starts first; from -1000 to 1000, 0 without it. */
    priority?: number;
    /** A function that changes the logits before they are sampled: one of `addLogitProcessor`, or `no_repeat_ngram:<size>`. */
    logitProcessor?: string | null;
}

/** Chunks of a reply. Leaving a `for await` early cancels the request and frees what it held. */
export interface ChunkStream<Chunk> extends AsyncIterable<Chunk> {
    abort(): void;
}

/** Awaited: the stream, once the reply has begun. Iterated: the chunks. */
export interface StreamReply<Chunk> extends PromiseLike<ChunkStream<Chunk>>, AsyncIterable<Chunk> {
    catch<R = never>(onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null): Promise<ChunkStream<Chunk> | R>;
    finally(action?: (() => void) | null): Promise<ChunkStream<Chunk>>;
    abort(): void;
}

interface Create<Request, Reply, Chunk> {
    (request: Request & { stream: true }, options?: RequestOptions): StreamReply<Chunk>;
    (request: Request & { stream?: false | null }, options?: RequestOptions): Promise<Reply>;
    (request: Request, options?: RequestOptions): Promise<Reply> | StreamReply<Chunk>;
}

export interface Engine {
    readonly chat: { readonly completions: { create: Create<ChatCompletionRequest, ChatCompletion, ChatCompletionChunk> } };
    readonly completions: { create: Create<CompletionRequest, Completion, Completion<"stop" | "length" | null>> };
    readonly responses: { create: Create<ResponsesRequest, ModelResponse, ResponseEvent> };
    /** One vector of length 1 a text. */
    readonly embeddings: { create(request: EmbeddingsRequest, options?: RequestOptions): Promise<Embeddings> };
    readonly models: {
        list(options?: RequestOptions): Promise<ModelList>;
        retrieve(id: string, options?: RequestOptions): Promise<ModelCard>;
    };
    /**
     * An HTTP client's way in:
     * `new OpenAI({ baseURL: "http://crema.local/v1", apiKey: "none", fetch: engine.fetch, dangerouslyAllowBrowser: true })`.
     */
    readonly fetch: typeof globalThis.fetch;
    /** Loads one more model; rejects with a CremaError, or the signal's reason. Requests choose by `model`, and mean the first without it. */
    load(source: ModelSource, options?: ModelOptions): Promise<EngineInfo>;
    /** Ends what a model (the first without `id`) is writing, with code `closed`, and frees its memory. */
    unload(id?: string): Promise<void>;
    /** Ends all replies of this engine where they are: each keeps what it has, with `finish_reason: "stop"`. */
    interrupt(): void;
    /** What a model (the first without `id`) is doing: requests of all pages that use it, and pages of 16 tokens of its KV cache. */
    status(id?: string): Promise<{ running: number; waiting: number; kvPages: number; freeKvPages: number }>;
    /** A conversation that remembers itself. `messages` begin it; the other fields are those of a chat request, for every turn. */
    session(options?: Omit<ChatCompletionRequest, "messages" | "stream"> & { messages?: SessionInput }): Session;
    /** A session that `save` made; `invalid_request` where it is something else. `model` takes another model than the session had. */
    restoreSession(saved: Blob | ArrayBuffer | Uint8Array, options?: { model?: string }): Promise<Session>;
    /** The text that the model is given for messages, with the beginning of its reply. */
    renderPrompt(messages: SessionInput, options?: TokenOptions): Promise<string>;
    /** The ids of a text's tokens, special tokens in it among them; with `addSpecial` those that the model wants before every text as well. */
    tokenize(text: string, options?: TokenOptions & { addSpecial?: boolean }): Promise<number[]>;
    /** The text of token ids. */
    detokenize(tokens: ArrayLike<number>, options?: TokenOptions): Promise<string>;
    /** Tokens of a text, or of messages as the model's chat template writes them, the beginning of the reply among them. */
    countTokens(input: SessionInput, options?: TokenOptions): Promise<number>;
    /**
     * Makes a function that changes logits known by a name. It is called for every token, with prompt and reply so far and one number a token of
     * the vocabulary, which it changes in place. In a worker it is imported from a module whose default export it is (`processor` is its address;
     * service workers can import none); with `worker: false` it may be a function of the page. A reply with one is computed token by token.
     */
    addLogitProcessor(name: string, processor: string | URL | ((tokens: Int32Array, logits: Float32Array) => void)): Promise<void>;
    /** What this browser gives the engine where it runs (processor, GPU with its limits, storage), and the device of each model. */
    report(): Promise<object>;
    /** From now on messages of this level and above are logged. */
    logLevel: LogLevel;
    /** Of the first model; null where none is loaded. */
    readonly info: EngineInfo | null;
    /** Of all models that are loaded, the first first. */
    readonly infos: EngineInfo[];
    /** Resolves once the first model is stored for visits without network, or it is known why not. */
    readonly stored: Promise<StorageInfo>;
    /** Resolves with the error that ended the engine (a device that failed again, a crash); stays pending while all is well. */
    readonly lost: Promise<CremaError>;
    readonly closed: boolean;
    /** Ends everything that runs (with code `closed`) and frees the model's memory. */
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** Starts an engine with one model, several (in an array), or none yet. Rejects with a CremaError, or the signal's reason. */
export function createEngine(source?: ModelSource | ModelSpec[] | null, options?: EngineOptions): Promise<Engine>;

export type ErrorCode =
    | "invalid_request" | "invalid_json" | "unsupported_parameter" | "context_length_exceeded" | "invalid_template" | "invalid_api_key"
    | "not_found" | "model_not_found" | "cancelled" | "queue_full" | "timed_out" | "invalid_checkpoint" | "unsupported_model" | "missing_tensor"
    | "invalid_graph" | "download_failed" | "storage_failed" | "out_of_memory" | "device_lost" | "device_unavailable" | "closed" | "internal";

/** What happened (`message`, with the numbers) and what to do about it (`hint`, may be empty). */
export class CremaError extends Error {
    readonly code: ErrorCode;
    readonly hint: string;
    /** The field of the request at fault. */
    readonly param: string | null;
    /** The HTTP status of the same error over `engine.fetch`. */
    readonly status: number;
    /** OpenAI's `error.type`. */
    readonly type: string;
}

export interface TokenOptions {
    /** The first model without it. */
    model?: string;
    signal?: AbortSignal;
}

/** A text that the user says, a message, or several. */
export type SessionInput = string | ChatCompletionRequest["messages"][number] | ChatCompletionRequest["messages"];

/** Asks one thing at a time (`invalid_request` while it replies); what it said is in the KV cache as long as there is room. */
export interface Session {
    /** A copy. */
    readonly messages: ChatCompletionRequest["messages"];
    /** Adds messages without asking for a reply. */
    append(messages: SessionInput): void;
    /** Forgets all but the first `count` messages. */
    truncate(count: number): void;
    /** Says something; a turn that fails or is aborted leaves the conversation as it was. Fields given here are for this turn. */
    prompt(content: SessionInput, options?: RequestOptions & Partial<ChatCompletionRequest>): Promise<ChatCompletion>;
    /** As `prompt`, in chunks. A reply that is left early stays in the conversation as far as it had come. */
    stream(content: SessionInput, options?: RequestOptions & Partial<ChatCompletionRequest>): AsyncGenerator<ChatCompletionChunk>;
    /** A conversation of its own that has said the same so far; memory is shared until the two go apart. */
    clone(): Session;
    /**
     * The conversation as a Blob, with what the KV cache has of it (16 to 500 kB a token, by model) unless `cache` is false. A port of a browser
     * extension does not carry a cache.
     */
    save(options?: { cache?: boolean }): Promise<Blob>;
    /** Of a restored session: the tokens that need not be computed again, and a note where that is not all. */
    readonly restored?: { tokens: number; note: string };
    /** Tokens of the conversation with the beginning of the next reply, and those that the model's context holds. */
    contextUsage(options?: { signal?: AbortSignal }): Promise<{ used: number; limit: number }>;
}

export interface CachedModel {
    /** The URL that the model was loaded from. */
    source: string;
    bytes: number;
    files: number;
    /** False while a part is still missing. */
    complete: boolean;
    /** Milliseconds since 1970. */
    savedAt: number;
}

/** The models that are kept in this browser for this site, newest first. */
export function listCached(): Promise<CachedModel[]>;

/** Removes the model that came from `source`, or all models; resolves with the number of files removed. */
export function deleteCached(source?: string | URL): Promise<number>;

/** The whole files of a model that is kept: to be saved, or given to createEngine. */
export function exportCached(source: string | URL): Promise<File[]>;

/** Keeps files as those of the model at `source` (a file's address, or a folder's), so that it loads without network; resolves with their bytes. */
export function importCached(source: string | URL, files: Iterable<File>): Promise<number>;

/** Asks the browser to keep this site's storage when space runs short (it may ask the user); resolves with whether it will. */
export function persistStorage(): Promise<boolean>;
