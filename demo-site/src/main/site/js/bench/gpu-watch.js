// Runs in an engine's worker before its own script: counts what is asked of WebGPU, keeps the launches of steps, and times them again one
// kernel at a time. Asked by messages { kind: "gpu-watch", ask, ... } that bring a port for the answer.

const counts = {
    dispatches: 0, passes: 0, encoders: 0, submits: 0, bindGroups: 0, buffers: 0, pipelines: 0,
    writeBuffers: 0, writtenBytes: 0, readbacks: 0, readbackBytes: 0,
};
/** Bytes of buffers that are there, and the most that were at one time. */
const memory = { bytes: 0, peakBytes: 0 };
const alive = new WeakSet();
const layoutTypes = new WeakMap();
const boundTo = new WeakMap();
const passes = new WeakMap();
let device = null;
const newStep = () => ({ writes: [], launches: [] });
let open = newStep();
/** Steps as { writes, launches } while they are recorded, else null. */
let recorded = null;

/** Puts `around(call, ...args)` in front of a method; `call` is the method itself, with its object. */
function wrap(type, name, around) {
    const original = type.prototype[name];
    type.prototype[name] = function (...args) {
        return around.call(this, (...changed) => original.apply(this, changed), ...args);
    };
}

function count(type, name, what) {
    wrap(type, name, (call, ...args) => {
        counts[what]++;
        return call(...args);
    });
}

function watchDevice() {
    wrap(GPUAdapter, "requestDevice", async function (call, descriptor = {}) {
        const wanted = new Set(descriptor.requiredFeatures ?? []);
        if (this.features.has("timestamp-query")) {
            wanted.add("timestamp-query");
        }
        device = await call({ ...descriptor, requiredFeatures: [...wanted] });
        return device;
    });
    wrap(GPUDevice, "createBuffer", (call, descriptor) => {
        counts.buffers++;
        const buffer = call(descriptor);
        alive.add(buffer);
        memory.bytes += buffer.size;
        memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
        return buffer;
    });
    wrap(GPUBuffer, "destroy", function (call) {
        memory.bytes -= alive.delete(this) ? this.size : 0;
        call();
    });
    count(GPUDevice, "createCommandEncoder", "encoders");
    count(GPUDevice, "createComputePipeline", "pipelines");
    count(GPUDevice, "createComputePipelineAsync", "pipelines");
    wrap(GPUDevice, "createBindGroupLayout", (call, descriptor) => {
        const layout = call(descriptor);
        layoutTypes.set(layout, new Map([...descriptor.entries].map(({ binding, buffer }) => [binding, buffer?.type ?? "uniform"])));
        return layout;
    });
    wrap(GPUDevice, "createBindGroup", (call, descriptor) => {
        counts.bindGroups++;
        const group = call(descriptor);
        const types = layoutTypes.get(descriptor.layout) ?? new Map();
        boundTo.set(group, [...descriptor.entries].map(({ binding, resource }) => bound(resource, types.get(binding))));
        return group;
    });
}

function bound(resource, type) {
    const buffer = resource.buffer ?? resource;
    return { buffer, type, bytes: resource.size ?? buffer.size - (resource.offset ?? 0) };
}

function watchTraffic() {
    wrap(GPUQueue, "writeBuffer", (call, buffer, offset, data, ...range) => {
        const [from = 0, length = (data.length ?? data.byteLength) - from] = range;
        counts.writeBuffers++;
        const unit = data.BYTES_PER_ELEMENT ?? 1;
        counts.writtenBytes += length * unit;
        if (recorded) {
            const start = (data.byteOffset ?? 0) + from * unit;
            open.writes.push({ buffer, offset, bytes: (data.buffer ?? data).slice(start, start + length * unit) });
        }
        return call(buffer, offset, data, ...range);
    });
    wrap(GPUBuffer, "mapAsync", function (call, mode, offset = 0, size = this.size - offset) {
        if (mode === GPUMapMode.READ) {
            counts.readbacks++;
            counts.readbackBytes += size;
        }
        return call(mode, offset, size);
    });
}

function watchSteps() {
    wrap(GPUCommandEncoder, "beginComputePass", (call, ...args) => {
        counts.passes++;
        const pass = call(...args);
        passes.set(pass, { pipeline: null, groups: [] });
        return pass;
    });
    wrap(GPUComputePassEncoder, "setPipeline", function (call, pipeline) {
        passes.get(this).pipeline = pipeline;
        return call(pipeline);
    });
    wrap(GPUComputePassEncoder, "setBindGroup", function (call, index, group, ...rest) {
        passes.get(this).groups[index] = { group, rest };
        return call(index, group, ...rest);
    });
    for (const name of ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"]) {
        wrap(GPUComputePassEncoder, name, function (call, ...grid) {
            counts.dispatches++;
            if (recorded) {
                const { pipeline, groups } = passes.get(this);
                open.launches.push({ pipeline, groups: [...groups], name, grid });
            }
            return call(...grid);
        });
    }
    wrap(GPUQueue, "submit", (call, ...args) => {
        counts.submits++;
        if (recorded && open.launches.length > 0) {
            recorded.push(open);
            open = newStep();
        }
        return call(...args);
    });
}

// --- one kernel at a time ---------------------------------------------------------------------------------------------

/** Launches of one kernel with one grid over weights of one size, as { kernel, grid, launches, weightBytes }; the bytes are of all launches. */
function kernelsOf(launches) {
    const written = new Set();
    for (const launch of launches) {
        boundsOf(launch).filter(({ type }) => type === "storage").forEach(({ buffer }) => written.add(buffer));
    }
    const kernels = new Map();
    for (const launch of launches) {
        // What no kernel of the step may write is weights.
        const weights = boundsOf(launch).filter(({ type, buffer }) => type === "read-only-storage" && !written.has(buffer));
        const bytes = weights.reduce((sum, each) => sum + each.bytes, 0);
        const key = `${launch.pipeline.label} ${launch.grid.filter(Number.isInteger)} ${bytes}`;
        const kernel = kernels.get(key) ?? { kernel: launch.pipeline.label, grid: launch.grid.filter(Number.isInteger), launches: [], weightBytes: 0 };
        kernel.launches.push(launch);
        kernel.weightBytes += bytes;
        kernels.set(key, kernel);
    }
    return [...kernels.values()];
}

function boundsOf({ groups }) {
    return groups.flatMap((each) => (each ? boundTo.get(each.group) ?? [] : []));
}

/** Seconds that the launches take, again and again until `millis` are full: all of them in turn, so that each finds its weights in memory. */
async function secondsOf(launches, millis) {
    const clock = device.features.has("timestamp-query") ? new Timestamps() : null;
    const idle = clock ? 0 : await runOnce([], 1, null);
    let repeats = 1;
    await runOnce(launches, 1, clock);
    for (;;) {
        const seconds = Math.max(0, await runOnce(launches, repeats, clock) - idle);
        if (seconds * 1000 >= millis || repeats >= 4096) {
            clock?.free();
            return seconds / repeats;
        }
        repeats = Math.min(4096, Math.max(2 * repeats, Math.ceil(repeats * 1.2 * millis / Math.max(1000 * seconds, 0.05))));
    }
}

async function runOnce(launches, repeats, clock) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(clock?.descriptor);
    for (let repeat = 0; repeat < repeats; repeat++) {
        for (const { pipeline, groups, name, grid } of launches) {
            pass.setPipeline(pipeline);
            groups.forEach((each, index) => each && pass.setBindGroup(index, each.group, ...each.rest));
            pass[name](...grid);
        }
    }
    pass.end();
    clock?.resolve(encoder);
    const began = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return clock ? clock.seconds() : (performance.now() - began) / 1000;
}

/** The begin and end of a pass by the GPU's own clock. */
class Timestamps {
    #queries = device.createQuerySet({ type: "timestamp", count: 2 });
    #resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    #readable = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });

    get descriptor() {
        return { timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } };
    }

    resolve(encoder) {
        encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
        encoder.copyBufferToBuffer(this.#resolved, 0, this.#readable, 0, 16);
    }

    async seconds() {
        await this.#readable.mapAsync(GPUMapMode.READ);
        const [begin, end] = new BigUint64Array(this.#readable.getMappedRange().slice(0));
        this.#readable.unmap();
        return Number(end - begin) / 1e9;
    }

    free() {
        this.#queries.destroy();
        this.#resolved.destroy();
        this.#readable.destroy();
    }
}

async function timeStep(step, millis) {
    // The kernels ask buffers how many rows there are: these must say what they said in this step.
    step.writes.forEach(({ buffer, offset, bytes }) => device.queue.writeBuffer(buffer, offset, bytes));
    await runOnce(step.launches, 1, null);
    const rows = [];
    for (const { kernel, grid, launches, weightBytes } of kernelsOf(step.launches)) {
        rows.push({ kernel, grid, launches: launches.length, weightBytes, seconds: await secondsOf(launches, millis) });
    }
    return rows;
}

// --- the page's questions ---------------------------------------------------------------------------------------------

const answers = {
    counts: () => ({ ...counts }),
    memory: () => ({ ...memory }),
    record() {
        recorded = [];
        open = newStep();
    },
    /** How many launches each recorded step has. */
    recorded: () => recorded.map(({ launches }) => launches.length),
    /** The recorded step `index`, counted from the end where negative, kernel by kernel. */
    async time({ index, millis }) {
        const steps = recorded;
        recorded = null;
        const rows = await timeStep(steps.at(index), millis);
        recorded = steps;
        return { timing: device.features.has("timestamp-query") ? "timestamps" : "repeated runs", rows };
    },
    stop() {
        recorded = null;
    },
};

self.addEventListener("message", async (event) => {
    const { data, ports } = event;
    if (data?.kind === "gpu-watch") {
        // No business of the engine's own listener, which comes after this one.
        event.stopImmediatePropagation();
        try {
            ports[0].postMessage({ value: await answers[data.ask](data) });
        } catch (error) {
            ports[0].postMessage({ error: String(error) });
        }
    }
});

if (self.GPUDevice) {
    watchDevice();
    watchTraffic();
    watchSteps();
}
