// WebLLM's configuration: lists of models, and what of ChatOptions there is here.

import { invalidRequest } from "../errors.js";
import { catalogue } from "./catalogue.js";
import { modelNotFound } from "./errors.js";

export const ModelType = { 0: "LLM", 1: "embedding", 2: "VLM", LLM: 0, embedding: 1, VLM: 2 };

/** There are no model libraries here; programs put these in front of the name of one, and `model_lib` is not read. */
export const modelVersion = "none";
export const modelLibURLPrefix = "https://crema.invalid/no-model-library-needed/";

/** Models whose chat templates have a place for tools; of other models in a list of your own, the template decides. */
export const functionCallingModelIds = catalogue.filter(({ tools }) => tools).map(({ model_id: id }) => id);

/** Under WebLLM's ids, so that programs find what they name: checkpoints in GGUF that are near the named quantization in size. */
export const prebuiltAppConfig = { model_list: catalogue.map(({ tools, ...record }) => record), cacheBackend: "opfs" };

export function findModel(modelId, appConfig = prebuiltAppConfig) {
    const record = appConfig.model_list.find((entry) => entry.model_id === modelId);
    if (!record) {
        throw modelNotFound(modelId, appConfig.model_list.map((entry) => entry.model_id));
    }
    if (typeof record.model !== "string" && !(record.model instanceof URL) && !(record.model instanceof Blob) && typeof record.model?.length !== "number") {
        throw invalidRequest(`The record of ${modelId} has no model.`, "Let `model` be a URL of a GGUF file, a Hugging Face folder or one of MLC, a File, or the Files of a folder.",
            "appConfig.model_list");
    }
    return { ...record, model: addressOf(record.model) };
}

/** Of folders that MLC converted, WebLLM takes addresses without their end. */
function addressOf(model) {
    if (!/-MLC(\/resolve\/[^/]+)?\/?$/.test(String(model))) {
        return model;
    }
    const folder = String(model).replace(/\/?$/, "/");
    return folder.endsWith("-MLC/") ? `${folder}resolve/main/` : folder;
}

const CACHES = { cache: "cache", opfs: "opfs", indexeddb: "indexeddb", "cross-origin": true };

/** createEngine's `cache` for a cacheBackend; what there is not here takes the best that there is. */
export const cacheOf = ({ cacheBackend = "opfs" }) => CACHES[cacheBackend] ?? true;

const OWN_DEFAULTS = ["temperature", "top_p", "repetition_penalty", "frequency_penalty", "presence_penalty"];
/** Of mlc-chat-config.json, and said by the checkpoint here. */
const FROM_CHECKPOINT = ["tokenizer_files", "tokenizer_info", "token_table_postproc_method", "vocab_size", "bos_token_id", "model_type", "model_config", "max_history_size"];

/** `{ contextLength, defaults }` of ChatOptions: what the engine is loaded with, and what a request without these fields means. */
export function readChatOptions(options) {
    const { context_window_size: contextLength = 0, sliding_window_size: window = -1, attention_sink_size: sink = -1, ...rest } = options;
    if (window > 0 || sink > 0) {
        throw invalidRequest("sliding_window_size and attention_sink_size can't be chosen here.", "A model has the window that its checkpoint says; set context_window_size.",
            window > 0 ? "sliding_window_size" : "attention_sink_size");
    }
    const defaults = {};
    for (const [name, value] of Object.entries(rest)) {
        if (OWN_DEFAULTS.includes(name)) {
            defaults[name] = value;
        } else if (!FROM_CHECKPOINT.includes(name) && value !== undefined) {
            throw invalidRequest(`ChatOptions.${name} has no meaning here.`, "Conversations are written by the chat template of the checkpoint.", name);
        }
    }
    return { contextLength: contextLength > 0 ? contextLength : 0, defaults };
}
