// What a model may be loaded from, as the page names it, and what the worker is told.

import { invalidRequest } from "./errors.js";
import { fileUrl } from "./local-files.js";
import { hasFiles } from "./surroundings.js";

const EXAMPLES = "Give a URL of a GGUF file, the URL of a Hugging Face folder (ending in /), a File, or the Files of a folder.";

/** `{ url, folder }` or `{ files: [{ name, blob }] }`, which can be posted to a worker. */
export function describeSource(source) {
    if (typeof source === "string" || source instanceof URL) {
        return describeUrl(String(source));
    }
    if (source instanceof Blob) {
        return { files: [{ name: source.name ?? "model.gguf", blob: source }] };
    }
    const files = source && typeof source === "object" && typeof source.length === "number" ? Array.from(source) : [];
    if (files.length === 0) {
        throw invalidRequest(source === undefined || source === null ? "There is no model to load." : "createEngine can't load a model from this.",
            EXAMPLES, "source");
    }
    const stranger = files.find((file) => !(file instanceof File));
    if (stranger !== undefined) {
        throw invalidRequest(`createEngine was given a list that holds a ${typeof stranger}.`, EXAMPLES, "source");
    }
    return { files: files.map((file) => ({ name: file.name, blob: file })) };
}

/** What createEngine was given, as a list of `{ source, options }`: none, one, or several in an array of URLs and `{ source, ...options }`. */
export function describeModels(source) {
    if (source === undefined || source === null) {
        return [];
    }
    const several = Array.isArray(source) && source.length > 0 && source.every((entry) => !(entry instanceof Blob) && typeof entry !== "number");
    return several ? source.map(describeModel) : [describeModel(source)];
}

function describeModel(entry) {
    const named = entry !== null && typeof entry === "object" && "source" in entry;
    const { source, ...options } = named ? entry : { source: entry };
    return { source, options };
}

function describeUrl(text) {
    let url;
    try {
        url = hasFiles && !/^(https?|blob|data):/i.test(text) ? fileUrl(text) : new URL(text, globalThis.document?.baseURI ?? globalThis.location?.href);
    } catch (error) {
        throw invalidRequest(`"${text}" is not a URL.`, EXAMPLES, "source");
    }
    if (!["http:", "https:", "blob:", ...(hasFiles ? ["file:"] : [])].includes(url.protocol)) {
        throw invalidRequest(`createEngine can't load from ${url.protocol} URLs.`, EXAMPLES, "source");
    }
    url.hash = "";
    if (url.hostname === "huggingface.co") {
        fromModelPage(url);
    }
    const file = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
    if (/^(config\.json|tokenizer\.json|.*\.safetensors(\.index\.json)?)$/.test(file)) {
        url.pathname = url.pathname.slice(0, -file.length);
    }
    return { url: url.href, folder: url.pathname.endsWith("/") };
}

/** Addresses that people copy from huggingface.co (a model's page, a file's page) become those of the files. */
function fromModelPage(url) {
    const parts = url.pathname.split("/").filter((part) => part !== "");
    if (parts.length === 2) {
        url.pathname = `/${parts[0]}/${parts[1]}/resolve/main/`;
    } else if (parts[2] === "blob" || parts[2] === "tree") {
        parts[2] = "resolve";
        const folder = !/\.[a-z]+$/.test(parts.at(-1)) || parts.length === 4;
        url.pathname = `/${parts.join("/")}${folder ? "/" : ""}`;
    }
}
