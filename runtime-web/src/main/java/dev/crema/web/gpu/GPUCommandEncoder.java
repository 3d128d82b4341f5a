package dev.crema.web.gpu;

import org.teavm.jso.JSObject;

public interface GPUCommandEncoder extends JSObject {
    GPUComputePassEncoder beginComputePass();

    /** Offsets and bytes must be multiples of four; source and target must be different buffers. */
    void copyBufferToBuffer(GPUBuffer source, double sourceOffset, GPUBuffer target, double targetOffset, double bytes);

    GPUCommandBuffer finish();
}
