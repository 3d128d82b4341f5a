// OpenAI's requests and replies as far as Crema knows them, in OpenAI's names. Fields of Crema's own say so.

export type Role = "system" | "developer" | "user" | "assistant" | "tool";

export interface TextPart {
    type: "text";
    text: string;
}

export interface ToolCall {
    id: string;
    type: "function";
    function: { name: string; arguments: string };
}

export interface ChatMessage {
    role: Role;
    content?: string | TextPart[] | null;
    name?: string;
    tool_calls?: ToolCall[];
    tool_call_id?: string;
}

export interface Tool {
    type: "function";
    function: { name: string; description?: string; parameters?: Record<string, unknown>; strict?: boolean | null };
}

interface SamplingRequest {
    /** Ignored unless it names another model than the one that is loaded. */
    model?: string;
    stream?: boolean | null;
    stream_options?: { include_usage?: boolean } | null;
    /** 0 always takes the most likely token. */
    temperature?: number | null;
    top_p?: number | null;
    /** Crema's own, as in llama.cpp. */
    top_k?: number | null;
    /** Crema's own, as in llama.cpp. */
    min_p?: number | null;
    /** Crema's own, as in llama.cpp. */
    typical_p?: number | null;
    /** Crema's own, as in Hugging Face's transformers. */
    repetition_penalty?: number | null;
    frequency_penalty?: number | null;
    presence_penalty?: number | null;
    logit_bias?: Record<string, number> | null;
    /** The same seed gives the same reply on every device. */
    seed?: number | null;
    stop?: string | string[] | null;
    /** Up to 128; the prompt is computed once. */
    n?: number | null;
    response_format?: { type: "text" | "json_object"; schema?: Record<string, unknown> }
        | { type: "json_schema"; json_schema: { name: string; schema: Record<string, unknown>; strict?: boolean | null; description?: string } } | null;
    /** Crema's own: a GBNF grammar of the whole reply. */
    grammar?: string | null;
    /** Crema's own: a regular expression that the whole reply matches. */
    regex?: string | null;
    /** Crema's own: `false` neither reads the prefix cache nor leaves the prompt in it. */
    cache_prompt?: boolean | null;
    /** Without meaning here, as are `store`, `metadata`, `service_tier` and the like. */
    user?: string;
}

export interface ChatCompletionRequest extends SamplingRequest {
    messages: ChatMessage[];
    max_tokens?: number | null;
    max_completion_tokens?: number | null;
    logprobs?: boolean | null;
    top_logprobs?: number | null;
    tools?: Tool[] | null;
    tool_choice?: "none" | "auto" | "required" | { type: "function"; function: { name: string } }
        | { type: "allowed_tools"; allowed_tools: { mode: "auto" | "required"; tools: { type: "function"; function: { name: string } }[] } } | null;
    parallel_tool_calls?: boolean | null;
    reasoning_effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | null;
    /** Anything but `medium` needs a chat template that knows it. */
    verbosity?: "low" | "medium" | "high" | null;
    /** Crema's own: further variables of the model's chat template, such as `enable_thinking`. */
    chat_template_kwargs?: Record<string, unknown> | null;
}

export interface CompletionRequest extends SamplingRequest {
    prompt: string | string[] | number[] | number[][];
    max_tokens?: number | null;
    /** Alternatives a token, up to 20. */
    logprobs?: number | null;
    /** The reply begins with its prompt, and `logprobs` with the prompt's. */
    echo?: boolean | null;
    /** So many replies are written to each prompt, of which the `n` best are sent; not with `stream`. */
    best_of?: number | null;
}

export type FinishReason = "stop" | "length" | "tool_calls";

export interface Usage {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details: { cached_tokens: number; audio_tokens: number };
    completion_tokens_details: { reasoning_tokens: number; audio_tokens: number; accepted_prediction_tokens: number; rejected_prediction_tokens: number };
}

/** Crema's own, in llama.cpp's names: how long the reply took. */
export interface Timings {
    queue_ms?: number;
    time_to_first_token_ms?: number;
    /** Tokens of the prompt that came from the cache. */
    cache_n?: number;
    prompt_n?: number;
    prompt_ms?: number;
    prompt_per_second?: number;
    predicted_n?: number;
    predicted_ms?: number;
    predicted_per_second?: number;
    /** Where the reply was constrained. */
    grammar_ms?: number;
}

export interface TokenLogprob {
    token: string;
    logprob: number;
    bytes: number[] | null;
    top_logprobs: { token: string; logprob: number; bytes: number[] | null }[];
}

/** One of each token of the reply. */
export interface Logprobs {
    content: TokenLogprob[];
    refusal: null;
}

export interface ChatCompletion {
    id: string;
    object: "chat.completion";
    created: number;
    model: string;
    system_fingerprint: string;
    choices: {
        index: number;
        message: {
            role: "assistant";
            content: string | null;
            refusal: null;
            annotations: [];
            /** Crema's own, as elsewhere: the model's thoughts. */
            reasoning_content?: string;
            tool_calls?: ToolCall[];
        };
        logprobs: Logprobs | null;
        finish_reason: FinishReason;
    }[];
    usage: Usage;
    timings?: Timings;
}

export interface ChatCompletionChunk {
    id: string;
    object: "chat.completion.chunk";
    created: number;
    model: string;
    system_fingerprint: string;
    choices: {
        index: number;
        delta: { role?: "assistant"; content?: string; refusal?: null; reasoning_content?: string; tool_calls?: (Partial<ToolCall> & { index: number })[] };
        logprobs: Logprobs | null;
        finish_reason: FinishReason | null;
    }[];
    usage?: Usage | null;
    timings?: Timings;
}

/** `Reason` is null as well in the chunks of a stream but the last. */
export interface Completion<Reason = "stop" | "length"> {
    id: string;
    object: "text_completion";
    created: number;
    model: string;
    system_fingerprint: string;
    choices: {
        index: number;
        text: string;
        logprobs: { tokens: string[]; token_logprobs: (number | null)[]; top_logprobs: (Record<string, number> | null)[]; text_offset: number[] } | null;
        finish_reason: Reason;
    }[];
    usage?: Usage | null;
    timings?: Timings;
}

export interface ModelCard {
    id: string;
    object: "model";
    created: number;
    owned_by: string;
}

export interface ModelList {
    object: "list";
    data: ModelCard[];
}

export interface EmbeddingsRequest {
    /** Texts, or token ids of this model's vocabulary. */
    input: string | string[] | number[] | number[][];
    model?: string;
    /** Numbers to keep of each vector, which has length 1 all the same. */
    dimensions?: number | null;
    /** `base64` is of little-endian 32-bit floats. */
    encoding_format?: "float" | "base64" | null;
    user?: string;
}

export interface Embeddings {
    object: "list";
    data: { object: "embedding"; index: number; embedding: number[] | string }[];
    model: string;
    usage: { prompt_tokens: number; total_tokens: number };
}

export interface ResponsesRequest extends Omit<SamplingRequest, "n" | "stream_options" | "response_format"> {
    /** A text, or the items of the conversation so far; those of a response's `output` as they came. */
    input: string | Record<string, unknown>[];
    instructions?: string | null;
    max_output_tokens?: number | null;
    text?: { format?: { type: "text" | "json_object" } | { type: "json_schema"; name: string; schema: Record<string, unknown>; strict?: boolean | null }; verbosity?: string | null };
    reasoning?: { effort?: string | null } | null;
    tools?: { type: "function"; name: string; description?: string | null; parameters?: Record<string, unknown> | null; strict?: boolean | null }[];
    tool_choice?: "none" | "auto" | "required" | { type: "function"; name: string };
    parallel_tool_calls?: boolean | null;
    top_logprobs?: number | null;
    include?: string[] | null;
    metadata?: Record<string, string> | null;
}

export type ResponseItem =
    | { type: "message"; id: string; status: string; role: "assistant"; content: { type: "output_text"; text: string; annotations: []; logprobs: TokenLogprob[] }[] }
    | { type: "function_call"; id: string; status: string; call_id: string; name: string; arguments: string }
    | { type: "reasoning"; id: string; status: string; summary: []; content: { type: "reasoning_text"; text: string }[] };

export interface ModelResponse {
    id: string;
    object: "response";
    created_at: number;
    status: "in_progress" | "completed" | "incomplete" | "failed";
    model: string;
    output: ResponseItem[];
    error: { code: string; message: string } | null;
    incomplete_details: { reason: string } | null;
    usage: {
        input_tokens: number;
        input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
        output_tokens: number;
        output_tokens_details: { reasoning_tokens: number };
        total_tokens: number;
    } | null;
    timings?: Timings;
    [repeated: string]: unknown;
}

/** One of OpenAI's events, `response.created` to `response.completed`. */
export interface ResponseEvent {
    type: string;
    sequence_number: number;
    response?: ModelResponse;
    item?: ResponseItem;
    delta?: string;
    [member: string]: unknown;
}
