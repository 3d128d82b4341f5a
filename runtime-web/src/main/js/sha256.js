// SHA-256 (FIPS 180-4) of bytes as they come: crypto.subtle takes only what is whole in memory.

/** The first 32 bits of the fractional parts of a root of each of the first primes. */
function fractions(count, root) {
    const words = [];
    for (let candidate = 2; words.length < count; candidate++) {
        let prime = true;
        for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
            prime &&= candidate % divisor !== 0;
        }
        if (prime) {
            words.push((root(candidate) % 1) * 2 ** 32 | 0);
        }
    }
    return words;
}

const K = Int32Array.from(fractions(64, Math.cbrt));
const START = fractions(8, Math.sqrt);

export class Sha256 {
    #state = Int32Array.from(START);
    #words = new Int32Array(64);
    #block = new Uint8Array(64);
    #view = new DataView(this.#block.buffer);
    #filled = 0;
    #length = 0;

    update(bytes) {
        this.#length += bytes.length;
        let at = 0;
        if (this.#filled === 0) {
            const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
            for (; at + 64 <= bytes.length; at += 64) {
                compress(this.#state, this.#words, view, at);
            }
        }
        while (at < bytes.length) {
            const count = Math.min(64 - this.#filled, bytes.length - at);
            this.#block.set(bytes.subarray(at, at + count), this.#filled);
            this.#filled += count;
            at += count;
            if (this.#filled === 64) {
                compress(this.#state, this.#words, this.#view, 0);
                this.#filled = 0;
            }
        }
        return this;
    }

    /** The hash in lower-case hex; nothing may be added after it. */
    hex() {
        const bits = this.#length * 8;
        const padding = new Uint8Array((this.#filled < 56 ? 56 : 120) - this.#filled + 8);
        padding[0] = 0x80;
        const view = new DataView(padding.buffer);
        view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
        view.setUint32(padding.length - 4, bits >>> 0);
        this.update(padding);
        return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
    }
}

/** Takes the 64 bytes at `at` into the state; `w` is room for 64 words. */
function compress(state, w, view, at) {
    for (let i = 0; i < 16; i++) {
        w[i] = view.getInt32(at + 4 * i);
    }
    for (let i = 16; i < 64; i++) {
        const x = w[i - 15];
        const y = w[i - 2];
        const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
        const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1 | 0;
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; i++) {
        const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
        const t1 = h + s1 + (e & f ^ ~e & g) + K[i] + w[i] | 0;
        const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
        const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
        h = g;
        g = f;
        f = e;
        e = d + t1 | 0;
        d = c;
        c = b;
        b = a;
        a = t1 + t2 | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

/** The SHA-256 of a Blob-like, read in pieces. */
export async function hashOf(blob, pieceBytes = 4 << 20) {
    const hash = new Sha256();
    for (let at = 0; at < blob.size; at += pieceBytes) {
        hash.update(new Uint8Array(await blob.slice(at, Math.min(blob.size, at + pieceBytes)).arrayBuffer()));
    }
    return hash.hex();
}
