// Imported by a worker before the package's own: a GPU that computes wrongly. `?break=` is a regular expression; kernels whose label it matches
// leave their outputs as they are. With `&hardware` the GPU says nothing of being imitated in software.

const { searchParams } = new URL(import.meta.url);
const broken = new RegExp(searchParams.get("break") ?? "^$");

const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function (descriptor) {
    const code = broken.test(descriptor.label) ? descriptor.code.replace(/(fn main\([^{]*\{)/, "$1 if (true) { return; }") : descriptor.code;
    return createShaderModule.call(this, { ...descriptor, code });
};

if (searchParams.has("hardware")) {
    const info = { vendor: "test", architecture: "wrong-gpu", device: "", description: "", isFallbackAdapter: false };
    Object.defineProperty(GPUAdapter.prototype, "info", { get: () => info });
    Object.defineProperty(GPUAdapter.prototype, "isFallbackAdapter", { get: () => false });
}
