// Just enough of protocol buffers to write ONNX files (onnx.proto): numbers, texts, bytes and messages by field number.

/** A message under construction; fields are written in the order of the calls. */
export class Message {
    #parts = [];

    int(field, value) {
        return this.#raw(varint(field << 3), varint(value));
    }

    float(field, value) {
        const bytes = Buffer.alloc(4);
        bytes.writeFloatLE(value);
        return this.#raw(varint(field << 3 | 5), bytes);
    }

    text(field, value) {
        return this.bytes(field, Buffer.from(value, "utf8"));
    }

    message(field, value) {
        return this.bytes(field, value.toBuffer());
    }

    bytes(field, value) {
        return this.#raw(varint(field << 3 | 2), varint(value.length), value);
    }

    toBuffer() {
        return Buffer.concat(this.#parts);
    }

    #raw(...parts) {
        this.#parts.push(...parts);
        return this;
    }
}

function varint(value) {
    const bytes = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    do {
        bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
        rest >>= 7n;
    } while (rest > 0n);
    return Buffer.from(bytes);
}
