package dev.crema.web.device;

import dev.crema.graph.Graph;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUComputePassEncoder;

import java.util.Map;

/** The first dispatch of every step; see begin.wgsl. */
record Begin(Kernels.Kernel kernel, GPUBindGroup group, int perGroup) {
    static Begin lower(Graph graph, int vocab, Lowering to) {
        Kernels.Kernel kernel = to.kernels.get("begin", Map.of("team", to.teams.variant));
        GPUBuffer sampled = graph.tokens() == null ? to.buffers.nothing : to.buffers.of(graph.tokens());
        GPUBindGroup group = to.bind(kernel, to.params.add(vocab), to.buffers.texts, to.buffers.counts, sampled);
        return new Begin(kernel, group, to.teams.perGroup);
    }

    void encode(GPUComputePassEncoder pass, int sequences) {
        pass.setPipeline(kernel.pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups((sequences + perGroup - 1) / perGroup, 1, 1);
    }
}
