package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostTexts;
import dev.crema.graph.Op;
import dev.crema.sampling.Sampler;

/** Samples rows with the host's sampler, a row a piece. */
final class SampleKernel implements Kernel {
    private final float[] logits;
    private final int vocab;
    private final int[] tokens;
    private final HostTexts texts;
    private final Sampler[] samplers;
    private FlatBatch batch;

    SampleKernel(Op.Sample op, float[] logits, int[] tokens, HostTexts texts, int threads) {
        this.logits = logits;
        this.tokens = tokens;
        this.texts = texts;
        vocab = op.logits().channels();
        samplers = new Sampler[threads];
        for (int i = 0; i < threads; i++) {
            samplers[i] = new Sampler();
        }
    }

    @Override
    public int prepare(FlatBatch batch) {
        this.batch = batch;
        return batch.outputs;
    }

    @Override
    public void run(int row, int thread) {
        tokens[row] = texts.sample(samplers[thread], batch, row, logits, vocab);
    }
}
