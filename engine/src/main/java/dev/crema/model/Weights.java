package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Bytes;
import dev.crema.device.JoinedBytes;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors of a checkpoint as a family asks for them: by name under a prefix, with the shape that they must have. */
public final class Weights {
    private final Map<String, TensorEntry> tensors;
    private final Map<String, Weight> used;
    /** Of the weights in {@link #used} that are no tensor of the file as it is. */
    private final Map<String, TensorEntry> derived;
    private final String prefix;

    public Weights(Map<String, TensorEntry> tensors) {
        this(tensors, new LinkedHashMap<>(), new HashMap<>(), "");
    }

    private Weights(Map<String, TensorEntry> tensors, Map<String, Weight> used, Map<String, TensorEntry> derived, String prefix) {
        this.tensors = tensors;
        this.used = used;
        this.derived = derived;
        this.prefix = prefix;
    }

    /** The same tensors seen from {@code prefix + name + "."}, so that code follows the checkpoint's own path. */
    public Weights in(String name) {
        return new Weights(tensors, used, derived, prefix + name + ".");
    }

    public boolean has(String name) {
        return tensors.containsKey(prefix + name);
    }

    /** The weight; MISSING_TENSOR or INVALID_CHECKPOINT (with both shapes) where it is not what the model needs. */
    public Weight get(String name, int... shape) {
        return use(entry(name, shape));
    }

    private Weight use(TensorEntry entry) {
        return used.computeIfAbsent(entry.name(), n -> new Weight(n, entry.dtype(), entry.shape()));
    }

    private TensorEntry entry(String name, int... shape) {
        TensorEntry entry = tensors.get(prefix + name);
        if (entry == null) {
            throw new CremaException(ErrorCode.MISSING_TENSOR, "The checkpoint has no tensor " + prefix + name + " " + Shape.of(shape) + ".",
                "It may be incomplete (a missing shard), or of an architecture that Crema does not know yet.");
        }
        if (!entry.shape().equals(Shape.of(shape))) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "Tensor " + prefix + name + " has shape " + entry.shape() + ", expected "
                + Shape.of(shape) + ".", "The config and the weights do not belong together.");
        }
        checkFormat(entry);
        return entry;
    }

    private static void checkFormat(TensorEntry entry) {
        if (!Quant.supports(entry.dtype())) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Tensor " + entry.name() + " is " + entry.dtype()
                + ", which Crema cannot compute with yet.", "Take the model in one of these formats: " + Quant.names() + ".");
        }
        if (entry.shape().rank() == 1 && entry.dtype().blockSize() > 1) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Tensor " + entry.name() + " " + entry.shape() + " is " + entry.dtype()
                + "; norms and biases must be F32, F16 or BF16.", "Convert the model with a current converter.");
        }
    }

    /** The weight, or null where the checkpoint does not have it: optional tensors decide optional features. */
    public Weight optional(String name, int... shape) {
        return has(name) ? get(name, shape) : null;
    }

    /**
     * Rows of a tensor of this whole shape ([rows, in] or [rows]), in runs {@code {from, count}}: parts of a matrix that a checkpoint keeps in
     * one, such as q of a fused q, k and v. {@code label} makes its name.
     */
    public Weight pick(String name, String label, int[][] runs, int... shape) {
        TensorEntry entry = entry(name, shape);
        long rowBytes = entry.dtype().bytes(entry.shape().elements()) / entry.shape().extent(0);
        var parts = new ArrayList<Bytes>();
        int rows = 0;
        for (int[] run : runs) {
            parts.add(entry.bytes().slice(run[0] * rowBytes, run[1] * rowBytes));
            rows += run[1];
        }
        int[] picked = shape.clone();
        picked[0] = rows;
        return derive(entry.name() + "[" + label + "]", entry.dtype(), Shape.of(picked), JoinedBytes.of(parts));
    }

    /**
     * Of each head's {@code each} rows of a matrix [heads*each, in] or stack [heads, each, in] those from {@code from} on, a matrix a head: [heads, rows, in]. {@code label} makes the
     * name.
     */
    public Weight heads(String name, String label, int heads, int each, int from, int rows, int in) {
        TensorEntry part = part(name, label, heads, each, from, rows, in);
        return derive(part.name(), part.dtype(), part.shape(), part.bytes());
    }

    /** The same with each head's matrix transposed: [heads, in, rows]. What is in blocks becomes F16. */
    public Weight headsTurned(String name, String label, int heads, int each, int from, int rows, int in) {
        TensorEntry part = part(name, label, heads, each, from, rows, in);
        DType dtype = part.dtype().blockSize() == 1 ? part.dtype() : DType.F16;
        return derive(part.name(), dtype, Shape.of(heads, in, rows), ConvertedBytes.headsTurned(heads, rows, in, part.dtype(), dtype, part.bytes()));
    }

    private TensorEntry part(String name, String label, int heads, int each, int from, int rows, int in) {
        TensorEntry found = tensors.get(prefix + name);
        boolean stacked = found != null && found.shape().rank() == 3;
        TensorEntry entry = stacked ? entry(name, heads, each, in) : entry(name, Math.multiplyExact(heads, each), in);
        long rowBytes = entry.dtype().bytes(in);
        var parts = new ArrayList<Bytes>();
        for (int head = 0; head < heads; head++) {
            parts.add(entry.bytes().slice(((long) head * each + from) * rowBytes, rows * rowBytes));
        }
        return new TensorEntry(entry.name() + "[" + label + "]", entry.dtype(), Shape.of(heads, rows, in), JoinedBytes.of(parts));
    }

    /** A matrix of one row, which GGUF keeps as a vector. */
    public Weight row(String name, int in) {
        TensorEntry entry = tensors.get(prefix + name);
        if (entry == null || entry.shape().rank() != 1) {
            return get(name, 1, in);
        }
        return derive(entry.name() + "[row]", entry(name, in).dtype(), Shape.of(1, in), entry.bytes());
    }

    /** A norm's weight that the checkpoint keeps as its difference to one (Gemma). */
    public Weight plusOne(String name, int size) {
        TensorEntry entry = entry(name, size);
        return derive(entry.name() + "+1", DType.F32, entry.shape(), ConvertedBytes.plus(1, entry.dtype(), size, entry.bytes()));
    }

    /** The same tensors, but {@code weight} [in, out] turned to [out, in]: GPT-2's layers have it so. */
    public Weights turned(int out, int in) {
        TensorEntry entry = entry("weight", in, out);
        if (entry.dtype().blockSize() > 1) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Tensor " + entry.name() + " is " + entry.dtype() + " and would have to be transposed.",
                "Take the model in F32, F16 or BF16, or as GGUF.");
        }
        var turned = new TensorEntry(entry.name() + "^T", entry.dtype(), Shape.of(out, in),
            ConvertedBytes.transposed(in, out, entry.dtype().blockBytes(), entry.bytes()));
        derived.put(turned.name(), turned);
        var all = new HashMap<>(tensors);
        all.put(prefix + "weight", turned);
        return new Weights(all, used, derived, prefix);
    }

    /** A tensor an expert ({@code name} with the expert's number for {@code *}) as one weight [experts, ...shape]; or that tensor itself where it is there as one. */
    public Weight stacked(String name, int experts, int... shape) {
        int[] all = new int[shape.length + 1];
        all[0] = experts;
        System.arraycopy(shape, 0, all, 1, shape.length);
        String together = name.replace("*.", "");
        if (has(together)) {
            return get(together, all);
        }
        var parts = new ArrayList<Bytes>();
        DType dtype = null;
        for (int expert = 0; expert < experts; expert++) {
            TensorEntry entry = entry(name.replace("*", expert + ""), shape);
            if (dtype != null && dtype != entry.dtype()) {
                throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Tensor " + entry.name() + " is " + entry.dtype() + ", those of experts before it "
                    + dtype + ".", "All experts of a layer must have one format.");
            }
            dtype = entry.dtype();
            parts.add(entry.bytes());
        }
        return derive(prefix + name, dtype, Shape.of(all), JoinedBytes.of(parts));
    }

    /** A weight in F32 that no file has: the family makes it. */
    public Weight made(String name, byte[] contents, int... shape) {
        return derive(prefix + name, DType.F32, Shape.of(shape), new ArrayBytes(contents));
    }

    private Weight derive(String name, DType dtype, Shape shape, Bytes bytes) {
        var entry = new TensorEntry(name, dtype, shape, bytes);
        derived.put(name, entry);
        return use(entry);
    }

    /** What a weight that was asked for is made of. */
    public Bytes bytes(Weight weight) {
        TensorEntry entry = derived.get(weight.name());
        return (entry == null ? tensors.get(weight.name()) : entry).bytes();
    }

    /** Every weight that was asked for so far, each once, by full name. */
    public Map<String, Weight> used() {
        return used;
    }
}
