// The made-up ONNX model of the peers' benchmark: read back field by field, so that a mistake shows without the engine that reads it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeOnnx } from "../peers/onnx.mjs";

const CONFIG = {
    model_type: "llama", hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, head_dim: 16,
    vocab_size: 320, rope_theta: 10000, rms_norm_eps: 1e-5,
};

/** The fields of a message: { field: [values] }, where a value is a number or a Buffer. */
function read(bytes) {
    const fields = {};
    let at = 0;
    const varint = () => {
        let value = 0n;
        for (let shift = 0n; ; shift += 7n) {
            const byte = bytes[at++];
            value |= BigInt(byte & 127) << shift;
            if (byte < 128) {
                return Number(BigInt.asIntN(64, value));
            }
        }
    };
    while (at < bytes.length) {
        const tag = varint();
        const kind = tag & 7;
        let value;
        if (kind === 0) {
            value = varint();
        } else {
            assert.ok(kind === 2 || kind === 5, `wire type ${kind}`);
            const length = kind === 5 ? 4 : varint();
            value = bytes.subarray(at, at += length);
            assert.equal(value.length, length);
        }
        (fields[tag >> 3] ??= []).push(value);
    }
    return fields;
}

test("the ONNX graph has the operators of a q4 export, and weights of their sizes", () => {
    const folder = mkdtempSync(join(tmpdir(), "crema-onnx-"));
    try {
        writeOnnx(folder, CONFIG);
        const model = read(readFileSync(join(folder, "onnx/model_q4.onnx")));
        const graph = read(model[7][0]);
        const nodes = graph[1].map(read);
        const operators = Object.groupBy(nodes, (node) => String(node[4][0]));
        assert.equal(operators.MatMulNBits.length, 2 * 7 + 1);
        assert.equal(operators.GroupQueryAttention.length, 2);
        assert.equal(operators.SkipSimplifiedLayerNormalization.length, 2 * 2);
        assert.ok(operators.MatMulNBits.every((node) => String(node[7]) === "com.microsoft"));

        const tensors = new Map(graph[5].map(read).map((tensor) => [String(tensor[8][0]), tensor]));
        assert.deepEqual(tensors.get("l0.gate.quants")[1], [96, 2, 16]);
        assert.equal(tensors.get("l0.gate.quants")[9][0].length, 96 * 64 / 2);
        assert.equal(tensors.get("l0.gate.scales")[9][0].length, 96 * 2 * 4);
        assert.equal(tensors.get("head.quants")[9][0].length, 320 * 64 / 2);

        const made = new Set([...tensors.keys(), ...graph[11].map((value) => String(read(value)[1][0])), ...nodes.flatMap((node) => node[2].map(String)), ""]);
        for (const node of nodes) {
            node[1].forEach((input) => assert.ok(made.has(String(input)), `${node[3]} reads ${input}, which nothing makes`));
        }
        const outputs = graph[12].map((value) => String(read(value)[1][0]));
        assert.deepEqual(outputs, ["logits", "present.0.key", "present.0.value", "present.1.key", "present.1.value"]);
        assert.ok(outputs.every((name) => made.has(name)));
    } finally {
        rmSync(folder, { recursive: true });
    }
});
