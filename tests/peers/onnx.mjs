// A model of random weights as ONNX, with the operators that onnx-community's q4 exports have (onnxruntime-genai's model builder): 4-bit
// MatMulNBits in blocks of 32, GroupQueryAttention with rotary embedding and cache, SkipSimplifiedLayerNormalization.

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Message } from "./protobuf.mjs";

const FLOAT = 1, UINT8 = 2, INT32 = 6, INT64 = 7;
const BLOCK = 32;
const MICROSOFT = "com.microsoft";
/** Positions of the rotary tables: as many as a benchmark needs. */
const POSITIONS = 4096;

/**
 * Writes `folder`/config.json, generation_config.json and onnx/model_q4.onnx for a config.json of llama or qwen2. The rotary tables are those of
 * plain rotary embedding, whatever its scaling: their numbers make no difference to speed.
 */
export function writeOnnx(folder, config) {
    mkdirSync(join(folder, "onnx"), { recursive: true });
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, architectures: ["LlamaForCausalLM"], bos_token_id: null, eos_token_id: null }));
    writeFileSync(join(folder, "generation_config.json"), "{}");
    const file = join(folder, "onnx/model_q4.onnx");
    writeFileSync(`${file}.part`, new LlamaGraph(config).model());
    renameSync(`${file}.part`, file);
}

class LlamaGraph {
    #config;
    #graph = new Message();
    #random = mulberry(1);

    constructor(config) {
        this.#config = config;
    }

    /** ModelProto. */
    model() {
        const { hidden_size: hidden, num_hidden_layers: layers, vocab_size: vocab } = this.#config;
        this.#shapesOfTheMask();
        this.#rotaryTables();
        this.#floats("embed", [vocab, hidden], 0.6);
        this.#node("Gather", ["embed", "input_ids"], ["h0"]);
        this.#ones("l0.norm", hidden);
        this.#node("SimplifiedLayerNormalization", ["h0", "l0.norm"], ["l0.in"], this.#epsilon({ axis: -1, stash_type: 1 }));
        let residual = "h0";
        for (let layer = 0; layer < layers; layer++) {
            residual = this.#layer(layer, residual);
        }
        this.#linear("head", `l${layers}.in`, "logits", hidden, vocab);
        this.#signature();
        const opset = (domain, version) => new Message().text(1, domain).int(2, version);
        return new Message().int(1, 10).text(2, "crema-peers").message(7, this.#graph.text(2, "llama")).message(8, opset("", 21))
            .message(8, opset(MICROSOFT, 1)).toBuffer();
    }

    /** Reads `l{n}.in`, the normalised input, and the residual; writes those of the next layer. */
    #layer(layer, residual) {
        const { hidden_size: hidden, intermediate_size: inner, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headDim } = this.#config;
        const at = `l${layer}.`;
        const next = `l${layer + 1}.`;
        this.#projection(`${at}q`, `${at}in`, `${at}query`, hidden, heads * headDim);
        this.#projection(`${at}k`, `${at}in`, `${at}key`, hidden, kvHeads * headDim);
        this.#projection(`${at}v`, `${at}in`, `${at}value`, hidden, kvHeads * headDim);
        const past = ["key", "value"].map((part) => `past_key_values.${layer}.${part}`);
        const present = ["key", "value"].map((part) => `present.${layer}.${part}`);
        this.#node("GroupQueryAttention", [`${at}query`, `${at}key`, `${at}value`, ...past, "seqlens_k", "total_length", "cos", "sin"],
            [`${at}seen`, ...present], { num_heads: heads, kv_num_heads: kvHeads, scale: 1 / Math.sqrt(headDim), do_rotary: 1, rotary_interleaved: 0 }, MICROSOFT);
        this.#linear(`${at}o`, `${at}seen`, `${at}attended`, heads * headDim, hidden);
        this.#ones(`${at}ffn.norm`, hidden);
        this.#skipNorm([residual, `${at}attended`, `${at}ffn.norm`], `${at}ffn.in`, `${at}h`);
        this.#linear(`${at}gate`, `${at}ffn.in`, `${at}gated`, hidden, inner);
        this.#linear(`${at}up`, `${at}ffn.in`, `${at}upped`, hidden, inner);
        this.#node("Sigmoid", [`${at}gated`], [`${at}sigmoid`]);
        this.#node("Mul", [`${at}gated`, `${at}sigmoid`], [`${at}silu`]);
        this.#node("Mul", [`${at}silu`, `${at}upped`], [`${at}product`]);
        this.#linear(`${at}down`, `${at}product`, `${at}fed`, inner, hidden);
        this.#ones(`${next}norm`, hidden);
        this.#skipNorm([`${at}h`, `${at}fed`, `${next}norm`], `${next}in`, `${next}h0`);
        return `${next}h0`;
    }

    /** Q, K or V; Qwen2 adds a bias to them. */
    #projection(name, x, y, columns, rows) {
        if (this.#config.model_type !== "qwen2") {
            this.#linear(name, x, y, columns, rows);
            return;
        }
        this.#linear(name, x, `${name}.product`, columns, rows);
        this.#floats(`${name}.bias`, [rows], 0.3);
        this.#node("Add", [`${name}.product`, `${name}.bias`], [y]);
    }

    #skipNorm(inputs, normalised, sum) {
        this.#node("SkipSimplifiedLayerNormalization", inputs, [normalised, "", "", sum], this.#epsilon({}), MICROSOFT);
    }

    #epsilon(more) {
        return { epsilon: { float: this.#config.rms_norm_eps }, ...more };
    }

    /** What attention wants to know: tokens of each sequence less one, and of the longest. */
    #shapesOfTheMask() {
        this.#tensor("one", INT64, [1], int64(1));
        this.#tensor("zero_dimension", INT64, [], int64(1));
        this.#node("ReduceSum", ["attention_mask", "one"], ["mask_sum"], { keepdims: 0 });
        this.#node("Sub", ["mask_sum", "one"], ["mask_less"]);
        this.#node("Cast", ["mask_less"], ["seqlens_k"], { to: INT32 });
        this.#node("Shape", ["attention_mask"], ["mask_shape"]);
        this.#node("Gather", ["mask_shape", "zero_dimension"], ["mask_length"], { axis: 0 });
        this.#node("Cast", ["mask_length"], ["total_length"], { to: INT32 });
    }

    #rotaryTables() {
        const { head_dim: headDim, rope_theta: theta } = this.#config;
        const half = headDim / 2;
        const angles = Float32Array.from({ length: POSITIONS * half }, (_, i) => Math.floor(i / half) * theta ** (-2 * (i % half) / headDim));
        this.#tensor("cos", FLOAT, [POSITIONS, half], Buffer.from(angles.map(Math.cos).buffer));
        this.#tensor("sin", FLOAT, [POSITIONS, half], Buffer.from(angles.map(Math.sin).buffer));
    }

    /** y = x W^T with W [rows, columns] in 4 bits: quants of a block of 32 beside one f32 scale. */
    #linear(name, x, y, columns, rows) {
        const blocks = rows * columns / BLOCK;
        const quants = Buffer.alloc(blocks * BLOCK / 2);
        for (let i = 0; i + 4 <= quants.length; i += 4) {
            quants.writeUInt32LE(this.#random(), i);
        }
        const scale = Math.sqrt(3 / columns) / 8;
        this.#tensor(`${name}.quants`, UINT8, [rows, columns / BLOCK, BLOCK / 2], quants);
        this.#tensor(`${name}.scales`, FLOAT, [blocks], Buffer.from(new Float32Array(blocks).fill(scale).buffer));
        this.#node("MatMulNBits", [x, `${name}.quants`, `${name}.scales`], [y], { K: columns, N: rows, bits: 4, block_size: BLOCK, accuracy_level: 4 }, MICROSOFT);
    }

    #floats(name, shape, scale) {
        const values = new Float32Array(shape.reduce((a, b) => a * b));
        for (let i = 0; i < values.length; i++) {
            values[i] = (this.#random() / 2 ** 31 - 1) * scale;
        }
        this.#tensor(name, FLOAT, shape, Buffer.from(values.buffer));
    }

    #ones(name, size) {
        this.#tensor(name, FLOAT, [size], Buffer.from(new Float32Array(size).fill(1).buffer));
    }

    /** TensorProto among the initializers. */
    #tensor(name, type, shape, data) {
        const tensor = new Message();
        shape.forEach((extent) => tensor.int(1, extent));
        this.#graph.message(5, tensor.int(2, type).text(8, name).bytes(9, data));
    }

    /** NodeProto; attributes are whole numbers, or numbers as { float }. Fractions are floats too. */
    #node(type, inputs, outputs, attributes = {}, domain = "") {
        const node = new Message();
        inputs.forEach((name) => node.text(1, name));
        outputs.forEach((name) => node.text(2, name));
        node.text(3, `${type}/${outputs[0]}`).text(4, type);
        for (const [name, value] of Object.entries(attributes)) {
            const number = value.float ?? value;
            const attribute = new Message().text(1, name);
            node.message(5, value.float === undefined && Number.isInteger(number) ? attribute.int(3, number).int(20, 2) : attribute.float(2, number).int(20, 1));
        }
        this.#graph.message(1, domain ? node.text(7, domain) : node);
    }

    #signature() {
        const { num_hidden_layers: layers, num_key_value_heads: kvHeads, head_dim: headDim, vocab_size: vocab } = this.#config;
        this.#graph.message(11, value("input_ids", INT64, ["batch_size", "sequence_length"])).message(11, value("attention_mask", INT64, ["batch_size", "total_sequence_length"]));
        this.#graph.message(12, value("logits", FLOAT, ["batch_size", "sequence_length", vocab]));
        for (let layer = 0; layer < layers; layer++) {
            for (const part of ["key", "value"]) {
                this.#graph.message(11, value(`past_key_values.${layer}.${part}`, FLOAT, ["batch_size", kvHeads, "past_sequence_length", headDim]));
                this.#graph.message(12, value(`present.${layer}.${part}`, FLOAT, ["batch_size", kvHeads, "total_sequence_length", headDim]));
            }
        }
    }
}

/** ValueInfoProto; extents are numbers or names. */
function value(name, type, shape) {
    const dimensions = new Message();
    for (const extent of shape) {
        dimensions.message(1, typeof extent === "number" ? new Message().int(1, extent) : new Message().text(2, extent));
    }
    return new Message().text(1, name).message(2, new Message().message(1, new Message().int(1, type).message(2, dimensions)));
}

function int64(value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
}

/** Random u32 numbers, the same for the same seed. */
function mulberry(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ state >>> 15, state | 1);
        mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
        return (mixed ^ mixed >>> 14) >>> 0;
    };
}
