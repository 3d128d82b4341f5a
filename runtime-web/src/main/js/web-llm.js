// The exports of @mlc-ai/web-llm over Crema: a program written for it runs with this import instead. Any GGUF or safetensors model, no compiled
// model library; what differs is in docs/api.md.

export { MLCEngine, CreateMLCEngine } from "./web-llm/engine.js";
export { CreateWebWorkerMLCEngine, WebWorkerMLCEngine, WebWorkerMLCEngineHandler } from "./web-llm/web-worker.js";
export { CreateServiceWorkerMLCEngine, ServiceWorkerMLCEngine, ServiceWorkerMLCEngineHandler } from "./web-llm/service-worker.js";
export { CreateExtensionServiceWorkerMLCEngine, ExtensionServiceWorkerMLCEngine, ExtensionServiceWorkerMLCEngineHandler } from "./web-llm/extension.js";
export { ModelType, functionCallingModelIds, modelLibURLPrefix, modelVersion, prebuiltAppConfig } from "./web-llm/config.js";
export { deleteChatConfigInCache, deleteModelAllInfoInCache, deleteModelInCache, deleteModelWasmInCache, hasModelInCache } from "./web-llm/cache.js";
export { IntegrityError, isValidSRI, verifyIntegrity } from "./web-llm/integrity.js";
export {
    ARTIFACT_SCHEMA_VERSION, Chat, ChatCompletionRequestUnsupportedFields, Completions, Embeddings, MODEL_PACKAGE_MANIFEST_FILENAME, TENSOR_CACHE_MANIFEST_FILENAME,
    postInitAndCheckFieldsChatCompletion, postInitAndCheckFieldsCompletion, postInitAndCheckFieldsEmbedding, rejectCompletionResumable,
} from "./web-llm/protocol.js";
