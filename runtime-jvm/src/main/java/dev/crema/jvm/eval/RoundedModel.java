package dev.crema.jvm.eval;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.jvm.convert.MemoryTensor;
import dev.crema.quant.Quant;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A model whose linear layers are in another format; embedding and output head stay as they are, as in the studies of such formats. */
final class RoundedModel {
    private RoundedModel() { }

    /** {@code importance} by the checkpoint's tensor names; may be empty. In memory. */
    static Model of(Model model, WeightFormat format, Map<String, float[]> importance) {
        Checkpoint from = model.checkpoint();
        Map<String, TensorEntry> tensors = new LinkedHashMap<>();
        Set<String> linear = linear(model.graph());
        if (linear.stream().noneMatch(name -> fits(from.tensors().get(name), format))) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "types", "Blocks of " + format.stored().blockSize() + " of " + format.name()
                + " fit into the rows of none of the linear layers of " + model.id() + ".", "Leave that format out.");
        }
        from.tensors().forEach((name, tensor) -> tensors.put(name, linear.contains(name) && fits(tensor, format)
            ? rounded(tensor, format, importance.get(name)) : tensor));
        return ModelLoader.of(new Checkpoint(from.name(), from.format(), from.config(), from.generationConfig(), tensors, from.metadata(), from.tokenizerJson(),
            from.tokenizerConfig(), from.chatTemplate(), from.vocabularyFile()), model.id(), 0);
    }

    /** Weights of linear layers that are neither the embedding nor the output head. */
    private static Set<String> linear(Graph graph) {
        Set<String> names = new HashSet<>();
        Set<String> others = new HashSet<>();
        for (Op op : graph.ops()) {
            switch (op) {
                case Op.MatMul matMul when matMul.out() == graph.logits() -> others.add(matMul.weight().name());
                case Op.MatMul matMul -> names.add(matMul.weight().name());
                case Op.ExpertMatMul experts -> names.add(experts.weight().name());
                case Op.Embed embed -> others.add(embed.table().name());
                default -> { }
            }
        }
        names.removeAll(others);
        return names;
    }

    private static boolean fits(TensorEntry tensor, WeightFormat format) {
        return tensor.shape().rank() > 1 && tensor.shape().last() % format.stored().blockSize() == 0 && Quant.supports(tensor.dtype());
    }

    private static TensorEntry rounded(TensorEntry tensor, WeightFormat format, float[] importance) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        byte[] encoded = format.encode(values, tensor.shape().last(), importance);
        return new TensorEntry(tensor.name(), format.stored(), tensor.shape(), MemoryTensor.of(encoded));
    }

    /** Bytes of the linear layers in the format, whose blocks may not fit into some, and of all other weights as they are. */
    static long bytes(Model model, WeightFormat format) {
        double bytes = 0;
        Set<String> linear = linear(model.graph());
        for (var weight : model.weights().used().values()) {
            TensorEntry tensor = model.checkpoint().tensors().get(weight.name());
            bytes += linear.contains(tensor.name()) && fits(tensor, format) ? tensor.shape().elements() * format.bits() / 8 : tensor.bytes().length();
        }
        return (long) bytes;
    }
}
