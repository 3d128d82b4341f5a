package dev.crema.testing;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.model.Config;
import dev.crema.model.Families;
import dev.crema.model.Weights;

import java.util.List;

/** Token ids in, logits out: a checkpoint on a device without tokenizer, engine or sampler. One sequence. */
public final class TokenRunner implements AutoCloseable {
    /** Tokens of one call of {@link #logits}. */
    public static final int MAX_TOKENS = 64;

    private final Executable executable;
    private final Sequence sequence;
    private final int vocab;

    public TokenRunner(Checkpoint checkpoint, Device device, int contextLength) {
        var weights = new Weights(checkpoint.tensors());
        Graph graph = Families.forward(new Config(checkpoint.config()), weights, contextLength);
        vocab = graph.logits().channels();
        for (Weight weight : weights.used().values()) {
            device.upload(weight, weights.bytes(weight));
        }
        device.awaitUploads(Progress.NONE, new Cancellation());
        int pages = (contextLength + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
        executable = device.awaitCompile(graph, new Limits(MAX_TOKENS, MAX_TOKENS, 1, contextLength, pages), Progress.NONE);
        sequence = executable.kvPool().newSequence();
    }

    /** Appends the tokens and returns the logits after each of them: [tokens][vocab]. */
    public float[][] logits(int... tokens) {
        var item = new Batch.Item(sequence, tokens, tokens.length, null, true);
        float[] all = executable.submit(new Batch(List.of(item))).awaitLogits();
        var rows = new float[tokens.length][vocab];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all, i * vocab, rows[i], 0, vocab);
        }
        return rows;
    }

    /** The likeliest tokens after the last row of a prompt's logits. */
    public int[] greedy(float[] row, int count) {
        var tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = argmax(row);
            row = i + 1 < count ? logits(tokens[i])[0] : row;
        }
        return tokens;
    }

    private static int argmax(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    @Override
    public void close() {
        sequence.close();
        executable.close();
    }
}
