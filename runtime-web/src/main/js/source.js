// What a model may be loaded from, as the page names it, and what the worker is told.

import { invalidRequest } from "./errors.js";
import { fileUrl } from "./local-files.js";
import { hasFiles } from "./surroundings.js";

const EXAMPLES = "Give a URL of a GGUF file, the URL of a Hugging Face folder (ending in /), hf:owner/repo, a File, the Files of a folder, or a FileSystemHandle.";

/** Where `hf:` sources are, without another. */
const ENDPOINT = "https://huggingface.co";

/** `{ url, folder }` or `{ files: [{ name, blob }] }`, which can be posted to a worker. */
export async function describeSource(source, endpoint = ENDPOINT) {
    if (typeof source === "string" || source instanceof URL) {
        return urlOf(String(source), endpoint);
    }
    if (source?.kind === "directory" && typeof source.values === "function") {
        return filesOf(source);
    }
    if (typeof source?.getFile === "function") {
        return describeSource(await source.getFile());
    }
    if (source instanceof Blob) {
        return { files: [{ name: source.name ?? "model.gguf", blob: source }] };
    }
    const given = source && typeof source === "object" && typeof source.length === "number" ? Array.from(source) : [];
    const files = await Promise.all(given.map((file) => (typeof file?.getFile === "function" ? file.getFile() : file)));
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
    const several = Array.isArray(source) && source.length > 0 && source.every((entry) => !(entry instanceof Blob) && typeof entry !== "number" && typeof entry?.getFile !== "function");
    return several ? source.map(describeModel) : [describeModel(source)];
}

function describeModel(entry) {
    const named = entry !== null && typeof entry === "object" && "source" in entry;
    const { source, ...options } = named ? entry : { source: entry };
    return { source, options };
}

/** The files that lie in a folder the user gave access to, not those of folders in it. */
async function filesOf(directory) {
    const files = [];
    for await (const handle of directory.values()) {
        if (handle.kind === "file") {
            files.push({ name: handle.name, blob: await handle.getFile() });
        }
    }
    if (files.length === 0) {
        throw invalidRequest(`The folder ${directory.name} has no files.`, EXAMPLES, "source");
    }
    return { files };
}

/** `hf:owner/repo[@revision][/file]` as an address at the endpoint. */
function fromHub(text, endpoint) {
    const [, owner, repo, revision = "main", file = ""] = /^hf:\/{0,2}([^/@]+)\/([^/@]+)(?:@([^/]+))?(?:\/(.*))?$/.exec(text) ?? [];
    if (repo === undefined) {
        throw invalidRequest(`"${text}" names no model.`, "Write hf:owner/repo, hf:owner/repo/model.gguf or hf:owner/repo@revision/model.gguf.", "source");
    }
    return `${String(endpoint).replace(/\/+$/, "")}/${owner}/${repo}/resolve/${encodeURIComponent(revision)}/${file}`;
}

/** `{ url, folder }` of an address as people write it. */
export function urlOf(given, endpoint = ENDPOINT) {
    const text = given.startsWith("hf:") ? fromHub(given, endpoint) : given;
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
