// Put into the page before its own scripts: counts what is asked of WebGPU, and lets tests lose the device or run out of memory.

const watch = { buffers: new Map(), calls: {}, bytes: {}, devices: [], outOfMemory: false, noAdapter: false, wrong: null };
globalThis.gpuWatch = watch;

function wrap(prototype, name, around) {
    const original = prototype[name];
    prototype[name] = function (...args) {
        watch.calls[name] = (watch.calls[name] ?? 0) + 1;
        return around ? around.call(this, (...a) => original.apply(this, a), ...args) : original.apply(this, args);
    };
}

/** Adds up the bytes that calls of a method move; `bytesOf` gets the arguments. */
function wrapBytes(prototype, name, bytesOf) {
    wrap(prototype, name, (original, ...args) => {
        watch.bytes[name] = (watch.bytes[name] ?? 0) + bytesOf(...args);
        return original(...args);
    });
}

if (globalThis.GPUDevice) {
    wrap(GPU.prototype, "requestAdapter", async (original, ...args) => (watch.noAdapter ? null : original(...args)));
    wrap(GPUAdapter.prototype, "requestDevice", async (original, ...args) => {
        const device = await original(...args);
        watch.devices.push(device);
        return device;
    });
    wrap(GPUDevice.prototype, "createBuffer", (original, descriptor) => {
        const buffer = original(descriptor);
        watch.buffers.set(buffer, descriptor.size);
        return buffer;
    });
    wrap(GPUBuffer.prototype, "destroy", function (original) {
        watch.buffers.delete(this);
        original();
    });
    wrap(GPUDevice.prototype, "popErrorScope", async (original) => {
        const error = await original();
        if (!watch.outOfMemory) {
            return error;
        }
        watch.outOfMemory = false;
        return new GPUOutOfMemoryError("the test says so");
    });
    wrap(GPUDevice.prototype, "createShaderModule", (original, descriptor) => original(watch.wrong?.test(descriptor.label)
        ? { ...descriptor, code: descriptor.code.replaceAll(/(\bout\[[^\]]+\] = )([^;]+);/g, "$1 3 * ($2);") } : descriptor));
    for (const name of ["createBindGroup", "createComputePipelineAsync", "createCommandEncoder"]) {
        wrap(GPUDevice.prototype, name);
    }
    wrap(GPUQueue.prototype, "submit");
    wrapBytes(GPUQueue.prototype, "writeBuffer", (buffer, offset, data, from = 0, count = undefined) =>
        count === undefined ? data.byteLength - from * (data.BYTES_PER_ELEMENT ?? 1) : count * (data.BYTES_PER_ELEMENT ?? 1));
    wrap(GPUCommandEncoder.prototype, "beginComputePass");
    wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups");
    wrapBytes(GPUCommandEncoder.prototype, "copyBufferToBuffer", (source, sourceOffset, target, targetOffset, bytes) => bytes);
    wrapBytes(GPUBuffer.prototype, "mapAsync", (mode, offset, bytes) => bytes);
}

watch.liveBytes = () => [...watch.buffers.values()].reduce((sum, bytes) => sum + bytes, 0);
watch.count = (name) => watch.calls[name] ?? 0;
watch.moved = (name) => watch.bytes[name] ?? 0;
watch.lose = () => watch.devices.at(-1).destroy();
watch.blunder = () => watch.devices.at(-1).createBuffer({ label: "blunder", size: 4, usage: 0x8001 });
/** From now on kernels whose label matches put out numbers three times too large, as on a GPU with a bad driver; null mends it. */
watch.miscalculate = (pattern) => (watch.wrong = pattern === null ? null : new RegExp(pattern));
