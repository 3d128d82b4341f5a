package dev.crema.web.gpu;

import org.teavm.jso.JSObject;

public interface GPUComputePassEncoder extends JSObject {
    void setPipeline(GPUComputePipeline pipeline);

    void setBindGroup(int index, GPUBindGroup group);

    void dispatchWorkgroups(int x, int y, int z);

    void end();
}
