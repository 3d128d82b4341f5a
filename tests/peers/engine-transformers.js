import { AutoModelForCausalLM, Tensor, env } from "/peers/node_modules/@huggingface/transformers/dist/transformers.web.js";

/** `onnx` is the address of a folder. */
export async function open({ onnx }, { device, threads }) {
    const folder = new URL("./", new URL(onnx, location.href));
    Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: folder.href, useBrowserCache: false });
    env.backends.onnx.wasm.wasmPaths = "/peers/node_modules/onnxruntime-web/dist/";
    env.backends.onnx.wasm.numThreads = threads;
    const model = await AutoModelForCausalLM.from_pretrained(onnx.slice(onnx.lastIndexOf("/") + 1), { device, dtype: "q4" });
    return {
        async generate(prompt, tokens) {
            const shape = [1, prompt.length];
            const ids = new Tensor("int64", BigInt64Array.from(prompt, BigInt), shape);
            const mask = new Tensor("int64", new BigInt64Array(prompt.length).fill(1n), shape);
            const sequence = await model.generate({ inputs: ids, attention_mask: mask, max_new_tokens: tokens, do_sample: false });
            return { read: prompt.length, made: sequence.dims[1] - prompt.length };
        },
        backend: () => `${env.version ? `transformers.js ${env.version}, ` : ""}onnxruntime-web, ${device}`,
    };
}
