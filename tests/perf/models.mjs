// The models of the benchmarks: made up in a real shape when they are first asked for, or the user's own.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../node/static-server.mjs";
import { writeOnnx } from "../peers/onnx.mjs";

export const CREMA = path.join(ROOT, "crema");
/** Where made-up models are kept; `./crema clean` takes them away. */
export const MADE = path.join(ROOT, ".crema/bench");

/** What a command of Crema's prints; what it says of a failure is thrown. */
export function crema(...args) {
    const { status, stdout, stderr } = spawnSync(CREMA, args, { encoding: "utf8", maxBuffer: 64 << 20 });
    if (status !== 0) {
        throw new Error(stderr.trim().replace(/^crema: /, "").replace(/ Try 'crema .*$/, "") || `crema ${args[0]} ended with status ${status}.`);
    }
    return stdout;
}

/** The GGUF file of a shape and format, written if it is not there. */
export function synthesize(shape, type) {
    mkdirSync(MADE, { recursive: true });
    const file = path.join(MADE, `${shape}-${type.toLowerCase()}.gguf`);
    if (!existsSync(file)) {
        crema("synth", "--shape", shape, "--type", type, file);
    }
    return file;
}

/** The ONNX folder of a shape, 4 bits a weight in blocks of 32 as in Q4_0; `config` is its config.json. */
export function synthesizeOnnx(shape, config) {
    const folder = path.join(MADE, shape);
    if (!existsSync(path.join(folder, "onnx/model_q4.onnx"))) {
        writeOnnx(folder, config);
    }
    return folder;
}

/** The address under which a page loads a model, and what the server must show for it. */
export function place(model) {
    if (model === null) {
        return { source: "", mounts: {} };
    }
    if (/^https?:\/\//.test(model)) {
        return { source: model, mounts: {} };
    }
    if (!existsSync(model)) {
        throw new Error(`There is no file or folder ${model}.`);
    }
    const full = path.resolve(model);
    const folder = statSync(full).isDirectory() ? full : path.dirname(full);
    // The name as it is in an address: spaces and the like become escapes.
    const inside = full === folder ? "" : pathToFileURL(full).pathname.split("/").pop();
    return { source: `/models/${path.basename(folder)}/${inside}`, mounts: { [`/models/${path.basename(folder)}/`]: folder } };
}
