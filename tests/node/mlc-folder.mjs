// A Hugging Face folder of a Llama in F16 as MLC-LLM writes it (quantization q0f16): q, k and v in one tensor, gate and up too, and all in one shard.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const FUSED = [["self_attn.qkv_proj", ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]], ["mlp.gate_up_proj", ["mlp.gate_proj", "mlp.up_proj"]]];

export function writeMlcFolder(from, to) {
    const config = JSON.parse(readFileSync(path.join(from, "config.json"), "utf8"));
    const tensors = readTensors(path.join(from, "model.safetensors"));
    const records = [];
    const parts = [];
    let end = 0;
    const add = (name, shape, bytes) => {
        records.push({ name, shape, dtype: "float16", format: "f32-to-bf16", nbytes: bytes.length, byteOffset: end });
        parts.push(bytes);
        end += bytes.length;
    };
    for (const [name, { shape, bytes }] of tensors) {
        const fused = FUSED.find(([, names]) => names.some((part) => name.includes(`.${part}.`)));
        if (!fused) {
            add(name, shape, bytes);
        } else if (name.includes(`.${fused[1][0]}.`)) {
            const all = fused[1].map((part) => tensors.get(name.replace(fused[1][0], part)));
            add(name.replace(fused[1][0], fused[0]), [all.reduce((rows, part) => rows + part.shape[0], 0), shape[1]], Buffer.concat(all.map((part) => part.bytes)));
        }
    }
    const { eos_token_id, bos_token_id, rope_theta, ...rest } = config;
    mkdirSync(to, { recursive: true });
    writeFileSync(path.join(to, "params_shard_0.bin"), Buffer.concat(parts));
    writeFileSync(path.join(to, "ndarray-cache.json"), JSON.stringify({ metadata: {}, records: [{ dataPath: "params_shard_0.bin", format: "raw-shard", nbytes: end, records }] }));
    writeFileSync(path.join(to, "mlc-chat-config.json"), JSON.stringify({
        version: "0.1.0", model_type: config.model_type, quantization: "q0f16", eos_token_id, bos_token_id, context_window_size: config.max_position_embeddings,
        model_config: { ...rest, position_embedding_base: rope_theta, context_window_size: config.max_position_embeddings },
    }));
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
        copyFileSync(path.join(from, name), path.join(to, name));
    }
}

function readTensors(file) {
    const data = readFileSync(file);
    const dataStart = 8 + Number(data.readBigUInt64LE(0));
    const { __metadata__, ...header } = JSON.parse(data.toString("utf8", 8, dataStart));
    return new Map(Object.entries(header).map(([name, { shape, data_offsets: [begin, end] }]) => [name, { shape, bytes: data.subarray(dataStart + begin, dataStart + end) }]));
}
