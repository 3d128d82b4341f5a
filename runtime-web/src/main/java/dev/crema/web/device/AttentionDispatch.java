package dev.crema.web.device;

import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUComputePassEncoder;

/**
 * Attention in one of two ways. Where a step has few tokens, {@code few} sees each one's context in splits, and {@code combine} puts them
 * together; of many tokens each keeps the GPU busy as it is ({@code many}). {@code before} makes q and the batch's part of the cache. If
 * {@code fused} is there, it takes the place of {@code before} and {@code few} in steps of few tokens that belong to different sequences: none of them
 * has to see what another puts into the cache.
 */
record AttentionDispatch(Launch before, Launch fused, Launch few, Launch combine, Launch many, int maxSplits, int window) implements Dispatch {
    /** Tokens that count as few, at most; the partial results have room for them. */
    static final int FEW_TOKENS = 8;
    /** Positions of a split, about. */
    private static final int SPLIT_TOKENS = 128;
    private static final int MOST_SPLITS = 64;

    /** A kernel with what it binds: {@code ceil(tokens * perToken / perGroup) * times} workgroups. */
    record Launch(Kernels.Kernel kernel, GPUBindGroup group, int perToken, int perGroup, int times) {
        void encode(GPUComputePassEncoder pass, int tokens, int depth) {
            pass.setPipeline(kernel.pipeline);
            pass.setBindGroup(0, group);
            Dispatch.dispatch(pass, ((long) tokens * perToken + perGroup - 1) / perGroup * times, depth);
        }
    }

    @Override
    public void encode(GPUComputePassEncoder pass, StepSize size) {
        int tokens = size.tokens();
        if (tokens > FEW_TOKENS) {
            before.encode(pass, tokens, 1);
            many.encode(pass, tokens, 1);
        } else if (tokens > 0) {
            int splits = splits(size.longest(), window, maxSplits);
            if (fused != null && size.sequences() == tokens) {
                fused.encode(pass, tokens, splits);
            } else {
                before.encode(pass, tokens, 1);
                few.encode(pass, tokens, splits);
            }
            if (splits > 1) {
                combine.encode(pass, tokens, 1);
            }
        }
    }

    /** Splits of a context that long, a power of two: the grid grows in buckets. */
    static int splits(int longest, int window, int most) {
        int seen = window > 0 ? Math.min(longest, window) : longest;
        int splits = 1;
        while (splits < most && splits * SPLIT_TOKENS < seen) {
            splits *= 2;
        }
        return splits;
    }

    /** The splits that sequences of up to {@code contextLength} tokens may come to. */
    static int maxSplits(int contextLength, int window) {
        return splits(contextLength, window, MOST_SPLITS);
    }
}
