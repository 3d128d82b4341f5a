// Models of families that Crema runs, under WebLLM's ids. A checkpoint of one of these repositories is what `model` names: no conversion, no model library.

const LLM = 0;
const HUB = "https://huggingface.co";

/**
 * WebLLM's name of a model; repository and file of a GGUF; MB of memory with 4096 tokens of context; `low` where a phone has as much; `tools` where
 * the chat template knows them. `full` is a file with 16 bits a weight, for the ids q0f16 and q0f32.
 */
const MODELS = [
    { name: "Llama-3.2-1B-Instruct", repo: "bartowski/Llama-3.2-1B-Instruct-GGUF", file: "Llama-3.2-1B-Instruct-Q4_K_M.gguf", full: "Llama-3.2-1B-Instruct-f16.gguf", mb: 1250, low: true, tools: true },
    { name: "Llama-3.2-3B-Instruct", repo: "bartowski/Llama-3.2-3B-Instruct-GGUF", file: "Llama-3.2-3B-Instruct-Q4_K_M.gguf", mb: 2850, low: true, tools: true },
    { name: "Llama-3.1-8B-Instruct", repo: "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", file: "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", mb: 6000, tools: true },
    { name: "Llama-3-8B-Instruct", repo: "bartowski/Meta-Llama-3-8B-Instruct-GGUF", file: "Meta-Llama-3-8B-Instruct-Q4_K_M.gguf", mb: 6000 },
    { name: "Hermes-3-Llama-3.1-8B", repo: "bartowski/Hermes-3-Llama-3.1-8B-GGUF", file: "Hermes-3-Llama-3.1-8B-Q4_K_M.gguf", mb: 6000, tools: true },
    { name: "DeepSeek-R1-Distill-Llama-8B", repo: "bartowski/DeepSeek-R1-Distill-Llama-8B-GGUF", file: "DeepSeek-R1-Distill-Llama-8B-Q4_K_M.gguf", mb: 6000 },
    { name: "DeepSeek-R1-Distill-Qwen-7B", repo: "bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF", file: "DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", mb: 5400 },
    { name: "Mistral-7B-Instruct-v0.3", repo: "bartowski/Mistral-7B-Instruct-v0.3-GGUF", file: "Mistral-7B-Instruct-v0.3-Q4_K_M.gguf", mb: 5400, tools: true },
    { name: "Qwen2.5-0.5B-Instruct", repo: "Qwen/Qwen2.5-0.5B-Instruct-GGUF", file: "qwen2.5-0.5b-instruct-q4_k_m.gguf", full: "qwen2.5-0.5b-instruct-fp16.gguf", mb: 700, low: true, tools: true },
    { name: "Qwen2.5-1.5B-Instruct", repo: "Qwen/Qwen2.5-1.5B-Instruct-GGUF", file: "qwen2.5-1.5b-instruct-q4_k_m.gguf", mb: 1500, low: true, tools: true },
    { name: "Qwen2.5-3B-Instruct", repo: "Qwen/Qwen2.5-3B-Instruct-GGUF", file: "qwen2.5-3b-instruct-q4_k_m.gguf", mb: 2600, low: true, tools: true },
    { name: "Qwen2.5-7B-Instruct", repo: "bartowski/Qwen2.5-7B-Instruct-GGUF", file: "Qwen2.5-7B-Instruct-Q4_K_M.gguf", mb: 5400, tools: true },
    { name: "Qwen2.5-Coder-1.5B-Instruct", repo: "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", mb: 1500, low: true, tools: true },
    { name: "Qwen3-0.6B", repo: "Qwen/Qwen3-0.6B-GGUF", file: "Qwen3-0.6B-Q8_0.gguf", mb: 1500, low: true, tools: true },
    { name: "Qwen3-1.7B", repo: "Qwen/Qwen3-1.7B-GGUF", file: "Qwen3-1.7B-Q8_0.gguf", mb: 2800, low: true, tools: true },
    { name: "Qwen3-4B", repo: "Qwen/Qwen3-4B-GGUF", file: "Qwen3-4B-Q4_K_M.gguf", mb: 3600, tools: true },
    { name: "Qwen3-8B", repo: "Qwen/Qwen3-8B-GGUF", file: "Qwen3-8B-Q4_K_M.gguf", mb: 6200, tools: true },
    { name: "SmolLM2-135M-Instruct", repo: "bartowski/SmolLM2-135M-Instruct-GGUF", full: "SmolLM2-135M-Instruct-f16.gguf", mb: 350, low: true },
    { name: "SmolLM2-360M-Instruct", repo: "bartowski/SmolLM2-360M-Instruct-GGUF", file: "SmolLM2-360M-Instruct-Q8_0.gguf", full: "SmolLM2-360M-Instruct-f16.gguf", mb: 700, low: true },
    { name: "SmolLM2-1.7B-Instruct", repo: "bartowski/SmolLM2-1.7B-Instruct-GGUF", file: "SmolLM2-1.7B-Instruct-Q4_K_M.gguf", mb: 1900, low: true },
    { name: "TinyLlama-1.1B-Chat-v1.0", repo: "TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF", file: "tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf", mb: 900, low: true },
];

const record = ({ name, repo, mb, low = false, tools = false }, quantization, file) => ({
    model: `${HUB}/${repo}/resolve/main/${file}`, model_id: `${name}-${quantization}-MLC`, model_lib: "", model_type: LLM, vram_required_MB: mb,
    low_resource_required: low, overrides: { context_window_size: 4096 }, tools,
});

/** Records for `model_list`, with `tools`. */
export const catalogue = MODELS.flatMap((model) => [
    ...(model.file ? ["q4f16_1", "q4f32_1"].map((quantization) => record(model, quantization, model.file)) : []),
    ...(model.full ? ["q0f16", "q0f32"].map((quantization) => record({ ...model, mb: model.mb * 2.5 }, quantization, model.full)) : []),
]);
