package dev.crema.web.device;

import dev.crema.graph.Op;
import dev.crema.web.gpu.GPUBindGroup;

/** The sampler. */
final class SampleLowering {
    /** A row of logits is long and has only one team: as many lanes as every GPU has in a workgroup. */
    private static final int SAMPLE_LANES = 256;

    private final Lowering to;

    SampleLowering(Lowering to) {
        this.to = to;
    }

    void lower(Op.Sample op) {
        Kernels.Kernel kernel = to.kernels.ofTeams("sample", to.teams, SAMPLE_LANES);
        int at = to.params.add(op.logits().channels());
        GPUBindGroup group = to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.logits()), to.buffers.scaled(op.logits()));
        to.teams(kernel, group, op.out(), 1);
    }
}
