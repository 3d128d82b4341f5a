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
import java.util.Map;

/** A tiny model of each architecture, whole, on every device. */
final class FamilyCases {
    private FamilyCases() { }

    static void addTo(CaseList list) {
        for (FamilySpec spec : EncoderSpecs.all()) {
            list.model("models/families/" + spec.name(), DType.F32, new Limits(40, 8, 2, 64, 12), name -> graph(name, spec), run -> {
                run.vocab(spec.vocab()).add(0, 23, 0).add(1, 5, 0).awaitStep();
            });
        }
        List<FamilySpec> specs = new ArrayList<>(FamilySpecs.all());
        specs.add(CtrlSpec.make());
        for (FamilySpec spec : specs) {
            list.model("models/families/" + spec.name(), DType.F32, new Limits(40, 8, 2, 64, 12), name -> graph(name, spec), run -> {
                run.vocab(spec.vocab()).add(0, 30, 2).awaitStep();
                run.add(0, 1, 1).add(1, 9, 1).awaitStep();
                run.add(1, 1, 1).add(0, 1, 1).awaitStep();
            });
        }
    }

    /** From tensors that have a shape and no contents: each case fills in its own. Below the case's name, because a device keeps weights by name. */
    private static Graph graph(String name, FamilySpec spec) {
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
                }, tensors);
            }
        }
        return Families.forward(new Config(spec.config()), new Weights(tensors).in(name), 256);
    }

    private static void put(String name, Shape shape, Map<String, TensorEntry> tensors) {
        tensors.put(name, new TensorEntry(name, DType.F32, shape, new ArrayBytes(new byte[(int) DType.F32.bytes(shape.elements())])));
    }
}
