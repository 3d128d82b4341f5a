package dev.crema.conformance;

import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.model.Config;
import dev.crema.model.Families;
import dev.crema.model.Weights;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A tiny model of each architecture, whole, on every device, in each number format that rows of its size have. */
public final class FamilyCases {
    /** Of those that devices compute with, those of blocks that tiny rows are made of. */
    public static final List<DType> FORMATS = List.of(DType.F32, DType.F16, DType.BF16, DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q8_0, DType.IQ4_NL, DType.MXFP4);

    private FamilyCases() { }

    static void addTo(CaseList list) {
        List<FamilySpec> decoders = new ArrayList<>(FamilySpecs.all());
        decoders.add(CtrlSpec.make());
        for (DType format : FORMATS) {
            for (FamilySpec spec : EncoderSpecs.all()) {
                list.model(caseName(spec, format), format, tolerance(spec, format), new Limits(40, 8, 2, 64, 12), name -> graph(name, spec, format), run ->
                    run.vocab(spec.vocab()).add(0, 23, 0).add(1, 5, 0).awaitStep());
            }
            for (FamilySpec spec : decoders) {
                list.model(caseName(spec, format), format, tolerance(spec, format), new Limits(40, 8, 2, 64, 12), name -> graph(name, spec, format), run -> {
                    run.vocab(spec.vocab()).add(0, 30, 2).awaitStep();
                    run.add(0, 1, 1).add(1, 9, 1).awaitStep();
                    run.add(1, 1, 1).add(0, 1, 1).awaitStep();
                });
            }
        }
    }

    /** What the suite calls a model of an architecture with its matrices in a format. */
    public static String caseName(FamilySpec spec, DType format) {
        return "models/" + (format == DType.F32 ? "families/" + spec.name() : "formats/" + format.name().toLowerCase(Locale.ROOT) + "/" + spec.name());
    }

    private static Tolerance tolerance(FamilySpec spec, DType format) {
        return Tolerance.ofArchitecture(format, spec.tensors().stream().anyMatch(tensor -> tensor.huggingFace().contains("experts")));
    }

    /** From tensors that have a shape and no contents: each case fills in its own. Below the case's name, because a device keeps weights by name. */
    private static Graph graph(String name, FamilySpec spec, DType format) {
        Map<String, TensorEntry> tensors = new LinkedHashMap<>();
        for (FamilySpec.Tensor tensor : spec.tensors()) {
            if (tensor.form() == FamilySpec.Form.LISTED) {
                continue;
            }
            Shape shape = tensor.shape();
            int experts = tensor.form() == FamilySpec.Form.STACKED ? shape.extent(0) : 1;
            for (int expert = 0; expert < experts; expert++) {
                put(name + "." + tensor.huggingFace().replace("*", expert + ""), switch (tensor.form()) {
                    case STACKED -> shape.rank() == 2 ? Shape.of(shape.extent(1)) : Shape.of(shape.extent(1), shape.extent(2));
                    case TURNED -> Shape.of(shape.extent(1), shape.extent(0));
                    case PADDED -> Shape.of(shape.extent(0) + 2, shape.extent(1));
                    default -> shape;
                }, tensor.form() == FamilySpec.Form.TURNED ? DType.F32 : format, tensors);
            }
        }
        return Families.forward(new Config(spec.config()), new Weights(tensors).in(name), 256);
    }

    /** Matrices are in the format where their rows are whole blocks; what is read as it is, as norms and biases are, in F32. */
    private static void put(String name, Shape shape, DType format, Map<String, TensorEntry> tensors) {
        boolean matrix = shape.rank() > 1 && shape.last() % format.blockSize() == 0 && !name.contains("norm") && !name.contains("bias");
        DType dtype = matrix ? format : DType.F32;
        tensors.put(name, new TensorEntry(name, dtype, shape, new ArrayBytes(new byte[(int) dtype.bytes(shape.elements())])));
    }
}
