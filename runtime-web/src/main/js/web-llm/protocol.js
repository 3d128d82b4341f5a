// Requests and replies between WebLLM's shapes and OpenAI's, which Crema speaks. What both have alike goes through as it is.

import { invalidRequest } from "../errors.js";
import { unsupportedFields } from "./errors.js";

/** Names of MLC's files; nothing here reads them. */
export const MODEL_PACKAGE_MANIFEST_FILENAME = "mlc-model-manifest.json";
export const TENSOR_CACHE_MANIFEST_FILENAME = "tensor-cache.json";
export const ARTIFACT_SCHEMA_VERSION = 1;

/** Of `chat.completions.create`; what a model can't do is refused when it is asked for. */
export const ChatCompletionRequestUnsupportedFields = [];

export class Chat {
    constructor(engine) {
        this.completions = { create: (request) => engine.chatCompletion(request) };
    }
}

export class Completions {
    #engine;

    constructor(engine) {
        this.#engine = engine;
    }

    create(request) {
        return this.#engine.completion(request);
    }
}

export class Embeddings {
    #engine;

    constructor(engine) {
        this.#engine = engine;
    }

    create(request) {
        return this.#engine.embedding(request);
    }
}

/** Throws what of a request has no meaning here; the rest is checked by the engine. */
export function postInitAndCheckFieldsChatCompletion(request) {
    checkExtra(request, "ChatCompletionRequest");
    if (request.response_format?.type === "structural_tag") {
        throw unsupportedFields(["response_format.type structural_tag"], "ChatCompletionRequest");
    }
}

export function postInitAndCheckFieldsCompletion(request) {
    rejectCompletionResumable(request);
    checkExtra(request, "CompletionCreateParams");
}

export function postInitAndCheckFieldsEmbedding(request) {
    if (request.input === undefined) {
        throw invalidRequest("An embedding request needs input.", "Give a text, or an array of texts.", "input");
    }
}

export function rejectCompletionResumable(request) {
    if (request.extra_body?.resumable) {
        throw unsupportedFields(["extra_body.resumable"], "CompletionCreateParams");
    }
}

function checkExtra({ ignore_eos: ignoreEos, extra_body: extra }, what) {
    if (ignoreEos) {
        throw unsupportedFields(["ignore_eos"], what);
    }
    if (extra?.resumable?.enabled !== false && extra?.resumable) {
        throw unsupportedFields(["extra_body.resumable"], what);
    }
}

/** The engine's request for a chat. `defaults` are those of the model's ChatOptions. */
export function chatRequest(request, defaults, model) {
    postInitAndCheckFieldsChatCompletion(request);
    const { ignore_eos: _, extra_body: extra, response_format: format, logprobs, top_logprobs: top, ...rest } = request;
    return {
        ...defaults, ...withoutNulls(rest), ...formatFields(format), model,
        ...(logprobs ? { logprobs: true, ...(top == null ? {} : { top_logprobs: top }) } : {}),
        ...(extra?.enable_thinking == null ? {} : { chat_template_kwargs: { enable_thinking: extra.enable_thinking } }),
    };
}

/** The engine's request for a text; `logprobs` is a number there. */
export function completionRequest(request, defaults, model) {
    postInitAndCheckFieldsCompletion(request);
    const { ignore_eos: _, extra_body: __, logprobs, top_logprobs: top, ...rest } = request;
    return { ...defaults, ...withoutNulls(rest), model, ...(logprobs ? { logprobs: top ?? 0 } : {}) };
}

const withoutNulls = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

/** WebLLM's schema is a text beside json_object, its grammar a kind of format. */
function formatFields(format) {
    if (format?.type === "json_object" && format.schema != null) {
        return { response_format: { type: "json_schema", json_schema: { name: "reply", schema: parseSchema(format.schema), strict: true } } };
    }
    if (format?.type === "grammar") {
        return { grammar: format.grammar };
    }
    return format == null ? {} : { response_format: format };
}

function parseSchema(text) {
    try {
        return typeof text === "string" ? JSON.parse(text) : text;
    } catch (error) {
        throw invalidRequest(`response_format.schema is no JSON: ${error.message}`, "It is the text of a JSON schema.", "response_format.schema");
    }
}

/** A reply or chunk as WebLLM's: speeds in `usage.extra`, log probabilities of texts as of chats, `abort` where interruptGenerate ended it. */
export function readReply(reply, interrupted, secondsSince) {
    const { timings, usage } = reply;
    return {
        ...reply, choices: reply.choices.map((choice) => readChoice(choice, interrupted)),
        ...(usage ? { usage: { ...usage, extra: extraOf(timings, secondsSince) } } : {}),
    };
}

function readChoice(choice, interrupted) {
    const ended = interrupted && choice.finish_reason === "stop" ? { finish_reason: "abort" } : {};
    const legacy = choice.logprobs?.tokens;
    return { ...choice, ...ended, ...(legacy ? { logprobs: { content: legacy.map((token, i) => legacyToken(choice.logprobs, token, i)) } } : {}) };
}

function legacyToken({ token_logprobs: logprobs, top_logprobs: tops }, token, i) {
    const entry = (text, logprob) => ({ token: text, logprob, bytes: [...new TextEncoder().encode(text)] });
    return { ...entry(token, logprobs[i]), top_logprobs: Object.entries(tops?.[i] ?? {}).map(([text, logprob]) => entry(text, logprob)) };
}

function extraOf(timings, seconds) {
    return {
        e2e_latency_s: seconds,
        prefill_tokens_per_s: timings?.prompt_per_second ?? null, decode_tokens_per_s: timings?.predicted_per_second ?? null,
        time_to_first_token_s: timings ? timings.time_to_first_token_ms / 1000 : null,
        time_per_output_token_s: timings?.predicted_per_second ? 1 / timings.predicted_per_second : null,
    };
}
