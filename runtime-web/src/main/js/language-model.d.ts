// The Prompt API's types, as far as text goes.

import type { CremaError, Engine, EngineOptions, ModelSource } from "./crema.js";

export type Availability = "unavailable" | "downloadable" | "downloading" | "available";

export interface LanguageModelMessage {
    role: "system" | "user" | "assistant";
    content: string | { type: "text"; value: string }[];
    /** Of the last message, of the role assistant: the reply goes on from it. */
    prefix?: boolean;
}
export type LanguageModelPrompt = string | LanguageModelMessage[];

export interface LanguageModelTool {
    name: string;
    description: string;
    inputSchema: object;
    execute(input: unknown): unknown;
}

export interface LanguageModelExpected { type: "text" | "image" | "audio"; languages?: string[] }

export interface LanguageModelCreateOptions {
    temperature?: number;
    topK?: number;
    samplingMode?: "most-predictable" | "predictable" | "balanced" | "creative" | "most-creative";
    initialPrompts?: LanguageModelMessage[];
    expectedInputs?: LanguageModelExpected[];
    expectedOutputs?: LanguageModelExpected[];
    tools?: LanguageModelTool[];
    monitor?: (monitor: EventTarget) => void;
    signal?: AbortSignal;
}

export interface LanguageModelPromptOptions {
    signal?: AbortSignal;
    /** A JSON schema, or a regular expression that the whole reply matches. */
    responseConstraint?: object | RegExp;
    /** Without meaning: the constraint is never part of the prompt. */
    omitResponseConstraintInput?: boolean;
}

export interface LanguageModelSession extends EventTarget {
    prompt(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<string>;
    promptStreaming(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): ReadableStream<string>;
    append(input: LanguageModelPrompt, options?: { signal?: AbortSignal }): Promise<void>;
    /** Tokens that the prompt would add. */
    measureContextUsage(input: LanguageModelPrompt, options?: { signal?: AbortSignal }): Promise<number>;
    measureInputUsage(input: LanguageModelPrompt, options?: { signal?: AbortSignal }): Promise<number>;
    readonly contextUsage: number;
    readonly contextWindow: number;
    readonly inputUsage: number;
    readonly inputQuota: number;
    readonly temperature: number;
    readonly topK: number;
    oncontextoverflow: ((event: Event) => void) | null;
    onquotaoverflow: ((event: Event) => void) | null;
    clone(options?: { signal?: AbortSignal }): Promise<LanguageModelSession>;
    destroy(): void;
}

export interface LanguageModelStatics {
    availability(options?: LanguageModelCreateOptions): Promise<Availability>;
    params(): Promise<{ defaultTopK: number; maxTopK: number; defaultTemperature: number; maxTemperature: number }>;
    create(options?: LanguageModelCreateOptions): Promise<LanguageModelSession>;
    /** Crema's own: frees the model. */
    close(): Promise<void>;
}

/** `globalThis.LanguageModel ??= languageModel("https://example.com/model.gguf");` An engine that is given stays the caller's to close. */
export function languageModel(source: ModelSource | Engine, engineOptions?: EngineOptions): LanguageModelStatics;
export type { CremaError };
