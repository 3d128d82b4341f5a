package dev.crema.web.device;

import dev.crema.graph.Op;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;

import java.util.Map;

/** The sampler: one kernel looks at chunks of a row, all at once, the other at a row. */
final class SampleLowering {
    /** Logits of a chunk; see sampling.wgsl. */
    private static final int CHUNK = 256;
    /** A row has only one team in the second kernel: as many lanes as every GPU has in a workgroup. */
    private static final int ROW_LANES = 256;

    private final Lowering to;

    SampleLowering(Lowering to) {
        this.to = to;
    }

    void lower(Op.Sample op) {
        int vocab = op.logits().channels();
        int chunks = (vocab + CHUNK - 1) / CHUNK;
        GPUBuffer partials = to.buffers.perOutput("sample.partials", 16L * chunks);
        GPUBuffer scaled = to.buffers.perOutput("sample.scaled", 4L * vocab);
        GPUBuffer ids = to.buffers.perOutput("sample.ids", 4L * vocab);
        Kernels.Kernel first = to.kernels.get("sample_chunks", Map.of("team", to.teams.variant));
        GPUBindGroup chunksGroup = to.bind(first, to.params.add(vocab), partials, to.buffers.of(op.logits()), to.buffers.counts, scaled);
        to.teams(first, chunksGroup, op.out(), chunks);
        Kernels.Kernel second = to.kernels.ofTeams("sample", to.teams, ROW_LANES);
        GPUBindGroup rowGroup = to.bind(second, to.params.add(vocab), to.buffers.of(op.out()), partials, scaled, ids);
        to.teams(second, rowGroup, op.out(), 1);
    }
}
