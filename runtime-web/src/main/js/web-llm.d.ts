// The types of crema/web-llm: those of @mlc-ai/web-llm that programs name.

import type {
    ChatCompletion as OpenAIChatCompletion, ChatCompletionChunk as OpenAIChunk, ChatCompletionRequest as OpenAIRequest, ChatMessage, Completion as OpenAICompletion,
    CompletionRequest as OpenAICompletionRequest, Tool, ToolCall, Usage,
} from "./openai.js";
import type { CremaError, ModelSource } from "./crema.js";

export declare enum ModelType { LLM = 0, embedding = 1, VLM = 2 }

export interface ModelRecord {
    /** URL of a GGUF file or of a Hugging Face folder with safetensors, a File, or the Files of a folder. */
    model: ModelSource;
    model_id: string;
    /** Not read: there are no compiled model libraries here. */
    model_lib?: string;
    overrides?: ChatOptions;
    vram_required_MB?: number;
    low_resource_required?: boolean;
    buffer_size_required_bytes?: number;
    required_features?: string[];
    model_type?: ModelType;
}

export interface AppConfig {
    model_list: ModelRecord[];
    /** `cross-origin` takes the best store there is. `opfs` without it. */
    cacheBackend?: "cache" | "indexeddb" | "opfs" | "cross-origin";
}

/** Other fields of mlc-chat-config.json are said by the checkpoint; those that would change it are refused. */
export interface ChatOptions {
    context_window_size?: number;
    temperature?: number;
    top_p?: number;
    repetition_penalty?: number;
    frequency_penalty?: number;
    presence_penalty?: number;
}

export interface InitProgressReport {
    /** 0 to 1. */
    progress: number;
    /** Seconds. */
    timeElapsed: number;
    text: string;
}
export type InitProgressCallback = (report: InitProgressReport) => void;

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "SILENT" | 0 | 1 | 2 | 3 | 4 | 5;

export interface LogitProcessor {
    /** Changes the logits of the next token, one a token of the vocabulary; returns them or an array of its own. */
    processLogits: (logits: Float32Array) => Float32Array;
    processSampledToken: (token: number) => void;
    resetState: () => void;
}

export interface MLCEngineConfig {
    appConfig?: AppConfig;
    initProgressCallback?: InitProgressCallback;
    /** By model id; the models then run in this thread. */
    logitProcessorRegistry?: Map<string, LogitProcessor>;
    logLevel?: LogLevel;
}

export type ChatCompletionMessageParam = ChatMessage;
export type ChatCompletionTool = Tool;
export type ChatCompletionMessageToolCall = ToolCall;
export interface CompletionUsage extends Usage {
    extra: {
        e2e_latency_s: number;
        prefill_tokens_per_s: number | null;
        decode_tokens_per_s: number | null;
        time_to_first_token_s: number | null;
        time_per_output_token_s: number | null;
    };
}
/** OpenAI's, and `abort` where interruptGenerate ended the reply. */
export type ChatCompletionFinishReason = "stop" | "length" | "tool_calls" | "abort";
export type ChatCompletion = OpenAIChatCompletion & { usage: CompletionUsage };
export type ChatCompletionChunk = OpenAIChunk & { usage?: CompletionUsage | null };
export type Completion = OpenAICompletion & { usage?: CompletionUsage | null };
/** `schema` is the text of a JSON schema; `grammar` is GBNF. */
export type ResponseFormat = { type: "text" } | { type: "json_object"; schema?: string } | { type: "grammar"; grammar: string } | { type: "json_schema"; json_schema: object };

interface Extensions {
    response_format?: ResponseFormat;
    extra_body?: { enable_thinking?: boolean | null; enable_latency_breakdown?: boolean | null };
}
export type ChatCompletionRequestBase = OpenAIRequest & Extensions;
export type ChatCompletionRequest = ChatCompletionRequestBase;
export type ChatCompletionRequestStreaming = ChatCompletionRequestBase & { stream: true };
export type ChatCompletionRequestNonStreaming = ChatCompletionRequestBase & { stream?: false | null };
export type CompletionCreateParams = Omit<OpenAICompletionRequest, "logprobs"> & { logprobs?: boolean | null; top_logprobs?: number | null };
export interface EmbeddingCreateParams { input: string | string[] | number[] | number[][]; model?: string; encoding_format?: "float" | "base64" }
export interface CreateEmbeddingResponse { object: "list"; data: { object: "embedding"; index: number; embedding: number[] }[]; model: string; usage: { prompt_tokens: number; total_tokens: number } }

interface ChatEndpoint {
    (request: ChatCompletionRequestNonStreaming): Promise<ChatCompletion>;
    (request: ChatCompletionRequestStreaming): Promise<AsyncIterable<ChatCompletionChunk>>;
    (request: ChatCompletionRequestBase): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>>;
}
interface CompletionEndpoint {
    (request: CompletionCreateParams & { stream?: false | null }): Promise<Completion>;
    (request: CompletionCreateParams & { stream: true }): Promise<AsyncIterable<Completion>>;
}

export interface MLCEngineInterface {
    chat: { completions: { create: ChatEndpoint } };
    completions: { create: CompletionEndpoint };
    embeddings: { create(request: EmbeddingCreateParams): Promise<CreateEmbeddingResponse> };
    chatCompletion: ChatEndpoint;
    completion: CompletionEndpoint;
    embedding(request: EmbeddingCreateParams): Promise<CreateEmbeddingResponse>;
    setInitProgressCallback(callback?: InitProgressCallback): void;
    getInitProgressCallback(): InitProgressCallback | undefined;
    setAppConfig(appConfig: AppConfig): void;
    setLogLevel(level: LogLevel): void;
    /** Rejects with a CremaError; resolves without models when unload is called meanwhile. */
    reload(modelId: string | string[], chatOpts?: ChatOptions | ChatOptions[]): Promise<void>;
    unload(): Promise<void>;
    interruptGenerate(): Promise<void>;
    resetChat(keepStats?: boolean, modelId?: string): Promise<void>;
    getMessage(modelId?: string): Promise<string>;
    runtimeStatsText(modelId?: string): Promise<string>;
    getMaxStorageBufferBindingSize(): Promise<number>;
    getGPUVendor(): Promise<string>;
    forwardTokensAndSample(inputIds: number[], isPrefill: boolean, modelId?: string): Promise<number>;
}

export declare class MLCEngine implements MLCEngineInterface {
    constructor(engineConfig?: MLCEngineConfig);
    setLogitProcessorRegistry(registry?: Map<string, LogitProcessor>): void;
}
export interface MLCEngine extends MLCEngineInterface { }
export declare function CreateMLCEngine(modelId: string | string[], engineConfig?: MLCEngineConfig, chatOpts?: ChatOptions | ChatOptions[]): Promise<MLCEngine>;

export interface WorkerRequest { kind: string; uuid: string; content: unknown }
export interface WorkerResponse { kind: string; uuid: string; content?: unknown }
export interface CustomRequestParams { requestName: string; requestMessage: string }

export declare class WebWorkerMLCEngineHandler {
    engine: MLCEngine;
    setLogitProcessorRegistry(registry?: Map<string, LogitProcessor>): void;
    postMessage(message: WorkerResponse): void;
    onmessage(event: MessageEvent | WorkerRequest, onComplete?: (value: unknown) => void, onError?: () => void): Promise<void>;
    handleTask<T>(uuid: string, task: () => Promise<T>): Promise<void>;
}
export declare class WebWorkerMLCEngine implements MLCEngineInterface {
    constructor(worker: { postMessage(message: unknown): void; onmessage: unknown }, engineConfig?: MLCEngineConfig);
    getPromise<T>(message: { kind: string; uuid?: string; content?: unknown }): Promise<T>;
}
export interface WebWorkerMLCEngine extends MLCEngineInterface { }
export declare function CreateWebWorkerMLCEngine(
    worker: Worker, modelId: string | string[], engineConfig?: MLCEngineConfig, chatOpts?: ChatOptions | ChatOptions[]): Promise<WebWorkerMLCEngine>;

export declare class ServiceWorkerMLCEngineHandler extends WebWorkerMLCEngineHandler { }
export declare class ServiceWorkerMLCEngine extends WebWorkerMLCEngine {
    missedHeartbeat: number;
    constructor(engineConfig?: MLCEngineConfig, keepAliveMs?: number);
}
export declare function CreateServiceWorkerMLCEngine(
    modelId: string | string[], engineConfig?: MLCEngineConfig, chatOpts?: ChatOptions | ChatOptions[], keepAliveMs?: number): Promise<ServiceWorkerMLCEngine>;

/** A chrome.runtime.Port. */
type Port = { postMessage(message: unknown): void };
export declare class ExtensionServiceWorkerMLCEngineHandler extends WebWorkerMLCEngineHandler {
    port: Port | null;
    constructor(port: Port);
    setPort(port: Port): void;
    onPortDisconnect(port: Port): void;
}
export interface ExtensionMLCEngineConfig extends MLCEngineConfig { extensionId?: string; onDisconnect?: () => void }
export declare class ExtensionServiceWorkerMLCEngine extends WebWorkerMLCEngine {
    port: Port;
    extensionId?: string;
    constructor(engineConfig?: ExtensionMLCEngineConfig, keepAliveMs?: number);
}
export declare function CreateExtensionServiceWorkerMLCEngine(
    modelId: string | string[], engineConfig?: ExtensionMLCEngineConfig, chatOpts?: ChatOptions | ChatOptions[], keepAliveMs?: number): Promise<ExtensionServiceWorkerMLCEngine>;

export declare const prebuiltAppConfig: AppConfig;
export declare const modelVersion: string;
export declare const modelLibURLPrefix: string;
export declare const functionCallingModelIds: string[];
export declare function hasModelInCache(modelId: string, appConfig?: AppConfig): Promise<boolean>;
export declare function deleteModelAllInfoInCache(modelId: string, appConfig?: AppConfig): Promise<void>;
export declare function deleteModelInCache(modelId: string, appConfig?: AppConfig): Promise<void>;
export declare function deleteChatConfigInCache(modelId: string, appConfig?: AppConfig): Promise<void>;
export declare function deleteModelWasmInCache(modelId: string, appConfig?: AppConfig): Promise<void>;
export declare class IntegrityError extends Error { url: string; expected: string; actual: string }
export declare function isValidSRI(sri: string): boolean;
export declare function verifyIntegrity(data: ArrayBuffer, expectedSRI: string, url: string, onFailure?: "error" | "warn"): Promise<void>;
export type { CremaError };
