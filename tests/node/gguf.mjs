// crema-tiny as a GGUF file, written as llama.cpp's converter would: to test GGUF in the browser with a model of our own.

import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./static-server.mjs";

const folder = path.join(ROOT, "models/crema-tiny");
const json = (name) => JSON.parse(readFileSync(path.join(folder, name), "utf8"));

const UINT32 = 4, INT32 = 5, FLOAT32 = 6, BOOL = 7, STRING = 8, ARRAY = 9;
const F16 = 1, F32 = 0;
const ALIGNMENT = 32;

/** The file's bytes. */
export function tinyGguf() {
    const config = json("config.json");
    const tensors = readTensors().map((tensor) => rename(tensor, config));
    const header = new Writer();
    const metadata = metadataOf(config);
    header.text("GGUF").u32(3).u64(tensors.length).u64(metadata.length);
    for (const [key, type, value] of metadata) {
        header.string(key).u32(type).value(type, value);
    }
    let offset = 0;
    for (const { name, shape, type, bytes } of tensors) {
        header.string(name).u32(shape.length);
        shape.toReversed().forEach((size) => header.u64(size));
        header.u32(type).u64(offset);
        offset += align(bytes.length);
    }
    header.pad();
    for (const { bytes } of tensors) {
        header.bytes(bytes).pad();
    }
    return header.concat();
}

function readTensors() {
    const file = readFileSync(path.join(folder, "model.safetensors"));
    const headerLength = Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.toString("utf8", 8, 8 + headerLength));
    return Object.entries(header).filter(([name]) => name !== "__metadata__").map(([name, { dtype, shape, data_offsets: [from, to] }]) => ({
        name, shape, type: { F16, F32 }[dtype], bytes: file.subarray(8 + headerLength + from, 8 + headerLength + to),
    }));
}

const NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
};

function rename(tensor, config) {
    const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(tensor.name) ?? [];
    if (layer === undefined) {
        const name = { "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight" }[tensor.name];
        return { ...tensor, name };
    }
    const heads = { "self_attn.q_proj": config.num_attention_heads, "self_attn.k_proj": config.num_key_value_heads }[part];
    return { ...tensor, name: `blk.${layer}.${NAMES[part]}.weight`, bytes: heads ? interleave(tensor, heads) : tensor.bytes };
}

/** llama.cpp rotates neighbouring rows where Hugging Face rotates the two halves of a head. */
function interleave({ shape: [rows, columns], bytes }, heads) {
    const size = rows / heads;
    const rowBytes = bytes.length / rows;
    const result = Buffer.alloc(bytes.length);
    for (let row = 0; row < rows; row++) {
        const within = row % size;
        const source = row - within + (within % 2) * (size / 2) + Math.floor(within / 2);
        bytes.copy(result, row * rowBytes, source * rowBytes, (source + 1) * rowBytes);
    }
    return result;
}

function metadataOf(config) {
    const tokenizer = json("tokenizer.json");
    const tokens = [];
    const types = [];
    for (const [piece, id] of Object.entries(tokenizer.model.vocab)) {
        tokens[id] = piece;
        types[id] = 1;
    }
    for (const { id, content } of tokenizer.added_tokens) {
        tokens[id] = content;
        types[id] = 3;
    }
    const merges = tokenizer.model.merges.map((merge) => (Array.isArray(merge) ? merge.join(" ") : merge));
    return [
        ["general.architecture", STRING, "llama"], ["general.name", STRING, "crema-tiny"], ["llama.block_count", UINT32, config.num_hidden_layers],
        ["llama.context_length", UINT32, config.max_position_embeddings], ["llama.embedding_length", UINT32, config.hidden_size],
        ["llama.feed_forward_length", UINT32, config.intermediate_size], ["llama.attention.head_count", UINT32, config.num_attention_heads],
        ["llama.attention.head_count_kv", UINT32, config.num_key_value_heads], ["llama.rope.freq_base", FLOAT32, config.rope_theta],
        ["llama.rope.dimension_count", UINT32, config.head_dim], ["llama.vocab_size", UINT32, config.vocab_size],
        ["llama.attention.layer_norm_rms_epsilon", FLOAT32, config.rms_norm_eps], ["tokenizer.ggml.model", STRING, "gpt2"],
        ["tokenizer.ggml.pre", STRING, "qwen2"], ["tokenizer.ggml.tokens", ARRAY, [STRING, tokens]], ["tokenizer.ggml.token_type", ARRAY, [INT32, types]],
        ["tokenizer.ggml.merges", ARRAY, [STRING, merges]], ["tokenizer.ggml.bos_token_id", UINT32, config.bos_token_id],
        ["tokenizer.ggml.eos_token_id", UINT32, config.eos_token_id], ["tokenizer.ggml.add_bos_token", BOOL, false],
        ["tokenizer.chat_template", STRING, json("tokenizer_config.json").chat_template],
    ];
}

const align = (length) => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/** GGUF's little-endian values, one after the other. */
class Writer {
    #parts = [];
    #length = 0;

    bytes(bytes) {
        this.#parts.push(bytes);
        this.#length += bytes.length;
        return this;
    }

    text(text) {
        return this.bytes(Buffer.from(text, "utf8"));
    }

    u32(value) {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(value);
        return this.bytes(bytes);
    }

    u64(value) {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(BigInt(value));
        return this.bytes(bytes);
    }

    string(text) {
        const bytes = Buffer.from(text, "utf8");
        return this.u64(bytes.length).bytes(bytes);
    }

    value(type, value) {
        switch (type) {
            case STRING: return this.string(value);
            case FLOAT32: return this.bytes(Buffer.from(new Float32Array([value]).buffer));
            case BOOL: return this.bytes(Buffer.from([value ? 1 : 0]));
            case ARRAY: {
                const [itemType, items] = value;
                this.u32(itemType).u64(items.length);
                items.forEach((item) => this.value(itemType, item));
                return this;
            }
            default: return this.u32(value);
        }
    }

    pad() {
        return this.bytes(Buffer.alloc(align(this.#length) - this.#length));
    }

    concat() {
        return Buffer.concat(this.#parts);
    }
}
