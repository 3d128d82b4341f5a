// What this browser gives an engine, where the engine runs: for a bug report, or a page that says why it is slow.

import { features } from "./kernels.js";
import { folderKinds } from "./store.js";

const LIMITS = ["maxBufferSize", "maxStorageBufferBindingSize", "maxStorageBuffersPerShaderStage", "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupStorageSize"];

/** `{ place, userAgent, cores, wasm, webgpu, storage }`; `webgpu` is null where there is none. */
export async function deviceReport() {
    return {
        place: globalThis.constructor?.name ?? "unknown", userAgent: navigator.userAgent ?? "", cores: navigator.hardwareConcurrency ?? 1,
        wasm: features(), webgpu: await gpuReport(), storage: await storageReport(),
    };
}

async function gpuReport() {
    const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
    if (!adapter) {
        return null;
    }
    const { vendor, architecture, device, description } = adapter.info ?? {};
    return {
        vendor, architecture, device, description, software: adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false,
        features: [...adapter.features].sort(), limits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    };
}

async function storageReport() {
    const { quota = null, usage = null } = await navigator.storage?.estimate?.().catch(() => ({})) ?? {};
    return { kinds: await folderKinds(), quotaBytes: quota, usedBytes: usage, persisted: await navigator.storage?.persisted?.().catch(() => null) ?? null };
}
