// The files of a GPU's self-test: Crema Tiny and its goldens. They lie beside the package and are loaded for a test only.

import { BlobFile } from "./blob-file.js";
import { downloadFailed } from "./errors.js";

const names = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "GOLDENS.json"];

/** As openFiles gives those of a model. */
export const selfTestFiles = {
    name: "self-test",
    names,

    async open(name) {
        return names.includes(name) ? new BlobFile(name, await load(name)) : null;
    },
};

async function load(name) {
    try {
        const response = await fetch(new URL(`./selftest/${name}`, import.meta.url));
        if (response.ok) {
            return await response.blob();
        }
        throw new Error(`the server answered ${response.status}`);
    } catch (error) {
        throw downloadFailed(`selftest/${name} could not be loaded: ${error.message}.`, "It lies beside crema.js; serve it too.", error);
    }
}
