package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.Shape;

import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors of a checkpoint as a family asks for them: by name under a prefix, with the shape that they must have. */
public final class Weights {
    private final Map<String, TensorEntry> tensors;
    private final Map<String, Weight> used;
    private final String prefix;

    public Weights(Map<String, TensorEntry> tensors) {
        this(tensors, new LinkedHashMap<>(), "");
    }

    private Weights(Map<String, TensorEntry> tensors, Map<String, Weight> used, String prefix) {
        this.tensors = tensors;
        this.used = used;
        this.prefix = prefix;
    }

    /** The same tensors seen from {@code prefix + name + "."}, so that code follows the checkpoint's own path. */
    public Weights in(String name) {
        return new Weights(tensors, used, prefix + name + ".");
    }

    public boolean has(String name) {
        return tensors.containsKey(prefix + name);
    }

    /** The weight; MISSING_TENSOR or INVALID_CHECKPOINT (with both shapes) where it is not what the model needs. */
    public Weight get(String name, int... shape) {
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
        return used.computeIfAbsent(entry.name(), n -> new Weight(n, entry.dtype(), entry.shape()));
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

    /** Every weight that was asked for so far, each once, by full name. */
    public Map<String, Weight> used() {
        return used;
    }
}
