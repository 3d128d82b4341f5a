// Imported by a worker before the package's own: counts the bytes of GPU buffers, and those of the model that are in the page's memory, from
// when the network gave them until the GPU has them. Answers on the channel "memory-watch".

const gpu = { bytes: 0, peakBytes: 0 };
const page = { bytes: 0, peakBytes: 0 };
const alive = new WeakSet();
/** Bytes that were handed to the queue since it was last waited for. */
let queuedBytes = 0;

function add(memory, bytes) {
    memory.bytes += bytes;
    memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
}

function wrap(prototype, name, around) {
    const original = prototype[name];
    prototype[name] = function (...args) {
        return around.call(this, () => original.apply(this, args), ...args);
    };
}

wrap(GPUDevice.prototype, "createBuffer", (call) => {
    const buffer = call();
    alive.add(buffer);
    add(gpu, buffer.size);
    return buffer;
});
wrap(GPUBuffer.prototype, "destroy", function (call) {
    add(gpu, alive.delete(this) ? -this.size : 0);
    call();
});
wrap(ReadableStreamDefaultReader.prototype, "read", async (call) => {
    const result = await call();
    add(page, result.value?.length ?? 0);
    return result;
});
// What is written stays in memory, as the queue's copy, until the queue has carried it out.
wrap(GPUQueue.prototype, "writeBuffer", (call, buffer, offset, data, from = 0, count = data.length - from) => {
    queuedBytes += count * data.BYTES_PER_ELEMENT;
    call();
});
wrap(GPUQueue.prototype, "onSubmittedWorkDone", async (call) => {
    const done = queuedBytes;
    queuedBytes = 0;
    await call();
    add(page, -done);
});

const channel = new BroadcastChannel("memory-watch");
channel.onmessage = ({ data }) => data === "ask" && channel.postMessage({ gpu, page });
