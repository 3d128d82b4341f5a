package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.json.Json;
import dev.crema.jvm.files.LocalFiles;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Importance matrices as llama.cpp keeps them: a GGUF file of {@code general.type} "imatrix" whose tensors {@code X.in_sum2} [1, channels] are sums of
 * squares and {@code X.counts} [1] of how many tokens. Those with several rows, one an expert, give every expert their sum.
 */
public final class ImportanceFile {
    private static final String SUMS = ".in_sum2";
    private static final String COUNTS = ".counts";

    private ImportanceFile() { }

    /** Writes means by Hugging Face name under the names of GGUF; returns how many. */
    public static int write(Path target, Map<String, float[]> means, Json.Obj config) throws IOException {
        var architecture = new GgufExport(new Config(config));
        var writer = new GgufWriter().put("general.type", "imatrix");
        int written = 0;
        for (Map.Entry<String, float[]> mean : means.entrySet()) {
            String name = architecture.name(mean.getKey());
            if (name != null) {
                writer.tensor(name + SUMS, DType.F32, Shape.of(1, mean.getValue().length), bytes(mean.getValue()));
                writer.tensor(name + COUNTS, DType.F32, Shape.of(1, 1), bytes(new float[] {1}));
                written++;
            }
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                writer.writeTo(out);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        return written;
    }

    private static byte[] bytes(float[] values) {
        byte[] bytes = new byte[4 * values.length];
        Quant.quantize(DType.F32, values, 0, bytes, 0, values.length);
        return bytes;
    }

    /** Means by GGUF name. */
    public static Map<String, float[]> read(Path file) throws IOException {
        try (LocalFiles files = LocalFiles.of(file)) {
            GgufFiles gguf = GgufFiles.awaitFind(files);
            if (gguf == null || !gguf.metadata().string("general.type", "").equals("imatrix")) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, file + " is no importance matrix in GGUF.", "Make one with 'crema imatrix'.");
            }
            var means = new LinkedHashMap<String, float[]>();
            for (TensorEntry tensor : gguf.tensors().values()) {
                if (tensor.name().endsWith(SUMS) && tensor.dtype() == DType.F32) {
                    String name = tensor.name().substring(0, tensor.name().length() - SUMS.length());
                    means.put(name, mean(floats(tensor), tensor.shape().last(), gguf.tensors().get(name + COUNTS)));
                }
            }
            return means;
        }
    }

    /** What {@link #read} gave, by the names of the checkpoint's tensors. */
    public static Map<String, float[]> named(Map<String, float[]> means, Checkpoint checkpoint) {
        var architecture = new GgufExport(new Config(checkpoint.config()));
        var named = new LinkedHashMap<String, float[]>();
        for (String name : checkpoint.tensors().keySet()) {
            float[] mean = means.get(String.valueOf(architecture.name(name)));
            if (mean != null) {
                named.put(name, mean);
            }
        }
        return named;
    }

    private static float[] mean(float[] sums, int channels, TensorEntry counts) {
        double tokens = 0;
        for (float count : counts == null ? new float[] {1} : floats(counts)) {
            tokens += count;
        }
        float[] mean = new float[channels];
        for (int i = 0; i < sums.length; i++) {
            // An importance of nothing would leave a channel's weights to chance.
            mean[i % channels] += (float) Math.max(Float.MIN_NORMAL, sums[i] / Math.max(1, tokens));
        }
        return mean;
    }

    private static float[] floats(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] values = new float[bytes.length / 4];
        Quant.dequantize(DType.F32, bytes, 0, values, 0, values.length);
        return values;
    }
}
