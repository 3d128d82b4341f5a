// What WebLLM's programs ask of the store. A model here is one set of files: there is no library and no configuration of its own to delete.

import { deleteCached, listCached } from "../crema.js";
import { describeSource } from "../source.js";
import { findModel, prebuiltAppConfig } from "./config.js";

/** The address under which the store keeps a model; null for files that the user picked. */
async function addressOf(modelId, appConfig) {
    return (await describeSource(findModel(modelId, appConfig).model)).url ?? null;
}

/** Whether all of the model is in this browser's store. */
export async function hasModelInCache(modelId, appConfig = prebuiltAppConfig) {
    const address = await addressOf(modelId, appConfig);
    return (await listCached()).some(({ source, complete }) => complete && source === address);
}

export async function deleteModelAllInfoInCache(modelId, appConfig = prebuiltAppConfig) {
    const address = await addressOf(modelId, appConfig);
    if (address !== null) {
        await deleteCached(address);
    }
}

export async function deleteModelInCache(modelId, appConfig = prebuiltAppConfig) {
    await deleteModelAllInfoInCache(modelId, appConfig);
}

/** The configuration is part of the model's files: it goes with them. */
export async function deleteChatConfigInCache(modelId, appConfig = prebuiltAppConfig) {
    findModel(modelId, appConfig);
}

/** No model has a library here. */
export async function deleteModelWasmInCache(modelId, appConfig = prebuiltAppConfig) {
    findModel(modelId, appConfig);
}
