// The files of a GPU's self-test: Crema Tiny and its goldens. They lie beside the package and are loaded for a test only.

import { BlobFile } from "./blob-file.js";
import { downloadFailed } from "./errors.js";
import { readPackageFile } from "./surroundings.js";

/** Each written out, for bundlers to find. */
const FILES = {
    "config.json": new URL("./selftest/config.json", import.meta.url),
    "model.safetensors": new URL("./selftest/model.safetensors", import.meta.url),
    "tokenizer.json": new URL("./selftest/tokenizer.json", import.meta.url),
    "tokenizer_config.json": new URL("./selftest/tokenizer_config.json", import.meta.url),
    "GOLDENS.json": new URL("./selftest/GOLDENS.json", import.meta.url),
};
const names = Object.keys(FILES);

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
        return new Blob([await readPackageFile(FILES[name])]);
    } catch (error) {
        throw downloadFailed(`selftest/${name} could not be loaded: ${error.message}.`, "It lies beside crema.js; serve it too.", error);
    }
}
