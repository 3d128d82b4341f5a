// Imported by a worker before the package's own: a GPU that fails when the page says so, over the channel "faulty-gpu" or in this script's
// address (`?plan=[{"call":"submit","at":3},null]`: what the first device opened fails at, then the second, ...). With `drop`, a promise of the call
// breaks as when the GPU's process dies, before the device is said to be lost.

const plan = JSON.parse(new URL(import.meta.url).searchParams.get("plan") ?? "[]");
const channel = new BroadcastChannel("faulty-gpu");
const devices = [];
let pending = null;

/** The plan for the device where this call is the one at which it is to fail, else null. */
function isMeant(device, call) {
    const planned = plan[devices.indexOf(device)] ?? (device === devices.at(-1) ? pending : null);
    return planned?.call === call && --planned.at === 0 ? planned : null;
}

const dropped = (call) => Promise.reject(new DOMException(`Instance dropped in ${call}`, "OperationError"));

/** Destroys the device just before the call that is meant. */
function watch(prototype, name, deviceOf) {
    const original = prototype[name];
    prototype[name] = function (...args) {
        const device = deviceOf(this);
        if (isMeant(device, name)) {
            device.destroy();
        }
        return original.apply(this, args);
    };
}

const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (...args) {
    const device = await requestDevice.apply(this, args);
    device.queue.device = device;
    devices.push(device);
    return device;
};
watch(GPUQueue.prototype, "writeBuffer", (queue) => queue.device);
watch(GPUQueue.prototype, "submit", (queue) => queue.device);
watch(GPUDevice.prototype, "createComputePipelineAsync", (device) => device);

const { popErrorScope } = GPUDevice.prototype;
GPUDevice.prototype.popErrorScope = async function () {
    const full = isMeant(this, "popErrorScope");
    const error = await popErrorScope.call(this);
    if (full?.drop) {
        return dropped("popErrorScope");
    }
    return full ? new GPUOutOfMemoryError("the test says so") : error;
};

const { onSubmittedWorkDone } = GPUQueue.prototype;
GPUQueue.prototype.onSubmittedWorkDone = function () {
    return isMeant(this.device, "onSubmittedWorkDone") ? dropped("onSubmittedWorkDone") : onSubmittedWorkDone.call(this);
};

channel.onmessage = ({ data }) => {
    if (data.lose) {
        devices.at(-1).destroy();
    } else if (data.blunder) {
        devices.at(-1).createBuffer({ label: "blunder", size: 4, usage: 0x8001 });
    } else if (data.fail) {
        pending = data.fail;
    } else {
        return;
    }
    channel.postMessage({ done: true });
};
