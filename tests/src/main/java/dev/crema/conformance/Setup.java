package dev.crema.conformance;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Operands;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.quant.RandomBlocks;

/**
 * A graph with everything that it needs to run alike on every device. Weights and inputs are noise that follows from the seed.
 *
 * @param inputScale inputs are uniform in [-inputScale, inputScale)
 */
record Setup(Graph graph, Limits limits, long seed, float inputScale, Script script) {
    /** What is done with the compiled graph; the same calls on every device. */
    interface Script {
        void awaitRun(Run run);
    }

    /** Weights of a row of n elements are up to {@code sqrt(3/n)}, so that products keep the size of what they multiply. */
    Executable awaitCompile(Device device) {
        for (Weight weight : Operands.weightsOf(graph)) {
            device.upload(weight, new ArrayBytes(contents(weight, seed)));
        }
        device.awaitUploads(Progress.NONE, new Cancellation());
        return device.awaitCompile(graph, limits, Progress.NONE);
    }

    private static byte[] contents(Weight weight, long seed) {
        int elements = (int) weight.shape().elements();
        boolean vector = weight.shape().rank() == 1;
        float scale = vector ? 0.5f : (float) Math.sqrt(3.0 / weight.shape().last());
        var noise = new Noise(seed ^ Noise.seedOf(weight.name()));
        if (!Quant.canQuantize(weight.dtype())) {
            return RandomBlocks.of(weight.dtype(), elements, scale / 2, noise);
        }
        float[] values = noise.floats(elements, scale);
        for (int i = 0; vector && i < elements; i++) {
            values[i] += 1;
        }
        byte[] bytes = new byte[(int) weight.dtype().bytes(elements)];
        Quant.quantize(weight.dtype(), values, 0, bytes, 0, elements);
        return bytes;
    }
}
