package dev.crema.jvm.convert;

import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.quant.BlockRounding;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A matrix in bitsandbytes' nf4 (QLoRA, arXiv 2305.14314), as transformers stores it: {@code X.weight} U8 [elements / 2, 1] with two codes a byte, the
 * first in the high bits; {@code X.weight.absmax} F32 [elements / 64], the largest of each block; {@code X.weight.quant_map} F32 [16]; and
 * {@code X.weight.quant_state.bitsandbytes__nf4}, JSON as U8. Blocks go on from row to row. All are computed while they are read.
 */
final class Nf4 {
    private static final int BLOCK = 64;
    /** Elements that are read together: whole blocks of every format that can be read. */
    private static final int RUN = 4096;
    private static final int STATE_ALIGNMENT = 16;
    private static final float[] LEVELS = BlockRounding.nf4Levels();

    private Nf4() { }

    /** Whether blocks and bytes come out whole. */
    static boolean fits(TensorEntry tensor) {
        return tensor.shape().rank() == 2 && tensor.shape().elements() % BLOCK == 0 && tensor.shape().elements() > 0 && Quant.supports(tensor.dtype());
    }

    /** The four tensors; {@code dtype} is what multiplies with it, in PyTorch's name. */
    static List<TensorEntry> of(TensorEntry tensor, String dtype) {
        int elements = Math.toIntExact(tensor.shape().elements());
        String name = tensor.name();
        byte[] map = new byte[4 * LEVELS.length];
        Quant.quantize(DType.F32, LEVELS, 0, map, 0, LEVELS.length);
        byte[] state = state(tensor.shape(), dtype);
        return List.of(
            new TensorEntry(name, DType.U8, Shape.of(elements / 2, 1), new Runs(tensor, elements, RUN / 2, Nf4::codes, 0, elements / 2)),
            new TensorEntry(name + ".absmax", DType.F32, Shape.of(elements / BLOCK), new Runs(tensor, elements, RUN / BLOCK * 4, Nf4::largest, 0, elements / BLOCK * 4L)),
            new TensorEntry(name + ".quant_map", DType.F32, Shape.of(LEVELS.length), MemoryTensor.of(map)),
            new TensorEntry(name + ".quant_state.bitsandbytes__nf4", DType.U8, Shape.of(state.length), MemoryTensor.of(state)));
    }

    /** Padded with spaces, so that what follows stays aligned. */
    private static byte[] state(Shape shape, String dtype) {
        var json = new Json.Obj().put("quant_type", "nf4").put("blocksize", (long) BLOCK).put("dtype", dtype)
            .put("shape", new Json.Arr().add(Json.of((long) shape.extent(0))).add(Json.of((long) shape.last())));
        byte[] text = JsonWriter.compact(json).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return padded;
    }

    private static float largest(float[] values, int from) {
        float largest = 0;
        for (int i = from; i < from + BLOCK; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        return largest;
    }

    private static void largest(float[] values, int count, byte[] out) {
        float[] all = new float[count / BLOCK];
        for (int block = 0; block < all.length; block++) {
            all[block] = largest(values, block * BLOCK);
        }
        Quant.quantize(DType.F32, all, 0, out, 0, all.length);
    }

    private static void codes(float[] values, int count, byte[] out) {
        for (int block = 0; block < count; block += BLOCK) {
            float largest = largest(values, block);
            float inverse = largest == 0 ? 0 : 1 / largest;
            for (int i = block; i < block + BLOCK; i += 2) {
                out[i / 2] = (byte) (nearest(values[i] * inverse) << 4 | nearest(values[i + 1] * inverse));
            }
        }
    }

    private static int nearest(float x) {
        int below = 0;
        int above = LEVELS.length - 1;
        while (above - below > 1) {
            int middle = (below + above) >>> 1;
            if (LEVELS[middle] <= x) {
                below = middle;
            } else {
                above = middle;
            }
        }
        return x - LEVELS[below] < LEVELS[above] - x ? below : above;
    }

    /** What a run of elements becomes. */
    private interface Maker {
        void make(float[] values, int count, byte[] out);
    }

    private record Runs(TensorEntry tensor, int elements, int runBytes, Maker maker, long start, long length) implements Bytes {
        @Override
        public Bytes slice(long offset, long count) {
            Objects.checkFromIndexSize(offset, count, length);
            return new Runs(tensor, elements, runBytes, maker, start + offset, count);
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int count) {
            Objects.checkFromIndexSize(position, (long) count, length);
            byte[] source = new byte[(int) tensor.dtype().bytes(RUN)];
            float[] values = new float[RUN];
            byte[] made = new byte[runBytes];
            for (int done = 0; done < count;) {
                long at = start + position + done;
                int first = (int) (at / runBytes) * RUN;
                int run = Math.min(RUN, elements - first);
                int bytes = (int) tensor.dtype().bytes(run);
                tensor.bytes().awaitRead(tensor.dtype().bytes(first), source, 0, bytes);
                Quant.dequantize(tensor.dtype(), source, 0, values, 0, run);
                maker.make(values, run, made);
                int skipped = (int) (at % runBytes);
                int copied = Math.min(runBytes - skipped, count - done);
                System.arraycopy(made, skipped, target, offset + done, copied);
                done += copied;
            }
        }
    }
}
