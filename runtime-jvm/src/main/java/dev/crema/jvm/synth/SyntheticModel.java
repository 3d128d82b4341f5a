package dev.crema.jvm.synth;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.quant.Quant;
import dev.crema.quant.RandomBlocks;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A GGUF file of a model that knows nothing: real shapes, a vocabulary of real size, and random weights that follow from name and seed. As fast
 * as a trained model of this shape, so it serves to measure with. Norms and biases are F32, as converters leave them.
 */
public final class SyntheticModel {
    /** Elements made at a time: whole blocks of every format. */
    private static final int CHUNK = 1 << 16;

    private final SyntheticSpec spec;
    private final DType dtype;
    private final Map<String, Shape> weights;

    /** INVALID_REQUEST where the format does not fit the shape's rows, or is none that Crema computes with. */
    public SyntheticModel(SyntheticSpec spec, DType dtype) {
        this.spec = spec;
        this.dtype = dtype;
        weights = spec.weights();
        if (!Quant.supports(dtype) || dtype.ggmlId() < 0) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "type", "Crema does not compute with " + dtype + ".", "Choose one of " + Quant.names() + ".");
        }
        weights.forEach((name, shape) -> {
            if (shape.rank() == 2 && shape.last() % dtype.blockSize() != 0) {
                throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "type", dtype + " has blocks of " + dtype.blockSize() + " elements, and rows of "
                    + name + " in " + spec.name() + " have " + shape.last() + ".", "Choose a format with smaller blocks, for example Q4_0.");
            }
        });
    }

    /** Of all weights. */
    public long parameters() {
        return weights.values().stream().mapToLong(Shape::elements).sum();
    }

    /** Of all weights, as they are stored. */
    public long weightBytes() {
        return weights.values().stream().mapToLong(shape -> stored(shape).bytes(shape.elements())).sum();
    }

    private DType stored(Shape shape) {
        return shape.rank() == 1 ? DType.F32 : dtype;
    }

    /** Writes the file; {@code progress} hears of the weights' bytes that are written. */
    public void writeTo(OutputStream out, LongConsumer progress) throws IOException {
        var writer = new GgufWriter();
        spec.writeTo(writer);
        new SyntheticTokenizer(spec.vocab(), true).writeTo(writer);
        long[] written = {0};
        weights.forEach((name, shape) -> writer.tensor(spec.ggufName(name), stored(shape), shape,
            to -> writeWeight(name, shape, to, bytes -> progress.accept(written[0] += bytes))));
        float[] factors = spec.ropeFactors();
        if (factors != null) {
            byte[] bytes = new byte[4 * factors.length];
            Quant.quantize(DType.F32, factors, 0, bytes, 0, factors.length);
            writer.tensor("rope_freqs.weight", DType.F32, Shape.of(factors.length), bytes);
        }
        writer.writeTo(out);
    }

    private void writeWeight(String name, Shape shape, OutputStream out, LongConsumer progress) throws IOException {
        var random = new SplitMix(spec.seed() * 0x9e3779b97f4a7c15L ^ name.hashCode());
        DType format = stored(shape);
        for (long done = 0; done < shape.elements(); done += CHUNK) {
            int elements = (int) Math.min(CHUNK, shape.elements() - done);
            byte[] bytes = Quant.canQuantize(format) ? rounded(name, format, shape, elements, random)
                : RandomBlocks.of(format, elements, scale(name, shape) / 2, random);
            out.write(bytes);
            progress.accept(bytes.length);
        }
    }

    private static byte[] rounded(String name, DType format, Shape shape, int elements, SplitMix random) {
        float mean = name.endsWith("norm.weight") ? 1 : 0;
        float scale = scale(name, shape);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = mean + random.next(scale);
        }
        byte[] bytes = new byte[(int) format.bytes(elements)];
        Quant.quantize(format, values, 0, bytes, 0, elements);
        return bytes;
    }

    /** Linear layers keep the size of what they read: uniform numbers have a deviation of 1/sqrt(3). */
    private static float scale(String name, Shape shape) {
        return shape.rank() == 1 ? 0.3f : name.contains("embed_tokens") ? 0.6f : (float) Math.sqrt(3.0 / shape.last());
    }

    /** The generator of Steele, Lea and Flood, 2014. */
    private static final class SplitMix implements RandomBlocks.Source {
        private long state;

        SplitMix(long seed) {
            state = seed;
        }

        @Override
        public int nextInt(int bound) {
            return (int) ((next() >>> 33) % bound);
        }

        @Override
        public float next(float scale) {
            return ((next() >>> 40) * 0x1p-23f - 1) * scale;
        }

        private long next() {
            state += 0x9e3779b97f4a7c15L;
            long z = state;
            z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
            z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
            return z ^ z >>> 31;
        }
    }
}
