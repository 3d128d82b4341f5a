package dev.crema.onnx;

import dev.crema.json.Json;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A BERT that was exported to ONNX, as the folder that it was exported from: config.json, model.safetensors, 1_Pooling/config.json. Exporters keep
 * the names of embeddings, norms and biases; a linear layer's matrix is transposed and without a name, but it is multiplied in a node
 * whose result gets the layer's bias.
 */
final class OnnxEncoder {
    private static final long FLOAT = 1;

    /** A tensor of the folder: an initializer, or its transpose. */
    private record Part(String name, OnnxModel.Tensor tensor, boolean transposed) {
        List<Long> shape() {
            return transposed ? tensor.shape().reversed() : tensor.shape();
        }
    }

    private OnnxEncoder() { }

    /** Writes the folder; {@code pooling} is {@code mean} or {@code cls}. BERT's small sizes share a head dim of 32. */
    static void write(Path onnx, byte[] tokenizerJson, String pooling, Path folder) {
        try (var model = new OnnxModel(onnx)) {
            List<Part> parts = parts(model);
            var config = new Json.Obj().put("model_type", "bert").put("hidden_act", "gelu").put("layer_norm_eps", 1e-12)
                .put("architectures", new Json.Arr().add(new Json.Str("BertModel")));
            long hidden = extent(model, "embeddings.word_embeddings.weight", 1);
            config.put("hidden_size", hidden).put("vocab_size", extent(model, "embeddings.word_embeddings.weight", 0))
                .put("max_position_embeddings", extent(model, "embeddings.position_embeddings.weight", 0))
                .put("type_vocab_size", extent(model, "embeddings.token_type_embeddings.weight", 0))
                .put("intermediate_size", extent(model, "encoder.layer.0.intermediate.dense.bias", 0))
                .put("num_hidden_layers", parts.stream().filter(part -> part.name.endsWith("intermediate.dense.weight")).count())
                .put("num_attention_heads", hidden / 32);
            Files.createDirectories(folder.resolve("1_Pooling"));
            Files.writeString(folder.resolve("config.json"), config.toString());
            Files.writeString(folder.resolve("1_Pooling/config.json"),
                new Json.Obj().put("pooling_mode_" + pooling + (pooling.equals("cls") ? "_token" : "_tokens"), true).toString());
            Files.write(folder.resolve("tokenizer.json"), tokenizerJson);
            safeTensors(parts, folder.resolve("model.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long extent(OnnxModel model, String name, int axis) {
        return model.initializers.get(name).shape().get(axis);
    }

    private static List<Part> parts(OnnxModel model) {
        var parts = new ArrayList<Part>();
        for (OnnxModel.Tensor tensor : model.initializers.values()) {
            if (tensor.type() == FLOAT && tensor.name().endsWith(".weight") || tensor.name().endsWith(".bias")) {
                parts.add(new Part(tensor.name(), tensor, false));
            }
        }
        Map<String, OnnxModel.Tensor> products = new HashMap<>();
        for (OnnxModel.Node node : model.nodes) {
            if (node.op().equals("MatMul") && model.initializers.containsKey(node.inputs().get(1))) {
                products.put(node.outputs().get(0), model.initializers.get(node.inputs().get(1)));
            }
        }
        for (OnnxModel.Node node : model.nodes) {
            if (node.op().equals("Add") && products.containsKey(node.inputs().get(1))) {
                String bias = node.inputs().get(0);
                parts.add(new Part(bias.substring(0, bias.length() - ".bias".length()) + ".weight", products.remove(node.inputs().get(1)), true));
            }
        }
        if (!products.isEmpty()) {
            throw new IllegalStateException("products without a bias: " + products.keySet());
        }
        return parts;
    }

    private static void safeTensors(List<Part> parts, Path file) throws IOException {
        var header = new Json.Obj();
        long at = 0;
        for (Part part : parts) {
            var shape = new Json.Arr();
            part.shape().forEach(extent -> shape.add(Json.of(extent)));
            long end = at + part.tensor.bytes().byteSize();
            header.put(part.name, new Json.Obj().put("dtype", "F32").put("shape", shape)
                .put("data_offsets", new Json.Arr().add(Json.of(at)).add(Json.of(end))));
            at = end;
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
            out.write(text);
            for (Part part : parts) {
                out.write(part.transposed ? transposed(part.tensor) : part.tensor.bytes().toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    private static byte[] transposed(OnnxModel.Tensor tensor) {
        int rows = Math.toIntExact(tensor.shape().get(0));
        int columns = Math.toIntExact(tensor.shape().get(1));
        byte[] bytes = new byte[4 * rows * columns];
        MemorySegment to = MemorySegment.ofArray(bytes);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                to.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * (column * rows + row), tensor.bytes().get(ValueLayout.JAVA_INT_UNALIGNED, 4L * (row * columns + column)));
            }
        }
        return bytes;
    }
}
