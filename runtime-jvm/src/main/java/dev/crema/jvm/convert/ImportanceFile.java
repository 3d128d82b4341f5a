package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.graph.Weight;
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
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Importance matrices as llama.cpp keeps them: a GGUF file of {@code general.type} "imatrix" whose tensors {@code X.in_sum2} [experts, channels] are sums
 * of squares and {@code X.counts} [experts, 1] of how many tokens; without experts there is one row. Means are by channel, of one expert after the other.
 */
public final class ImportanceFile {
    private static final String SUMS = ".in_sum2";
    private static final String COUNTS = ".counts";

    private ImportanceFile() { }

    /** Writes means by Hugging Face name, of the {@code weights} of those names, under the names of GGUF; returns how many. */
    public static int write(Path target, Map<String, float[]> means, Map<String, Weight> weights, Json.Obj config) throws IOException {
        var architecture = new GgufExport(new Config(config));
        var writer = new GgufWriter().put("general.type", "imatrix");
        var written = new HashSet<String>();
        for (Map.Entry<String, float[]> mean : means.entrySet()) {
            String name = nameOf(mean.getKey(), architecture);
            // Parts of one tensor read the same.
            if (name != null && written.add(name)) {
                int channels = weights.get(mean.getKey()).shape().last();
                int experts = mean.getValue().length / channels;
                float[] ones = new float[experts];
                Arrays.fill(ones, 1);
                writer.tensor(name + SUMS, DType.F32, Shape.of(experts, channels), bytes(mean.getValue()));
                writer.tensor(name + COUNTS, DType.F32, Shape.of(experts, 1), bytes(ones));
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
        return written.size();
    }

    /** Granite's gates and ups are one tensor of a folder, and two of GGUF. */
    private static String nameOf(String weight, GgufExport architecture) {
        String name = architecture.name(weight);
        return name != null && weight.endsWith("[up]") ? name.replace("ffn_gate_exps", "ffn_up_exps") : name;
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
                    means.put(name, means(tensor, gguf.tensors().get(name + COUNTS)));
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
            int channels = checkpoint.tensors().get(name).shape().last();
            int expert = architecture.expert(name);
            if (mean != null && expert >= 0) {
                mean = mean.length >= (expert + 1) * channels ? Arrays.copyOfRange(mean, expert * channels, (expert + 1) * channels) : null;
            }
            if (mean != null) {
                named.put(name, mean);
            }
        }
        return named;
    }

    /** Experts whom no token came to have the mean of all. */
    private static float[] means(TensorEntry tensor, TensorEntry counted) {
        float[] sums = floats(tensor);
        float[] counts = counted == null ? new float[] {1} : floats(counted);
        int channels = tensor.shape().last();
        int experts = sums.length / Math.max(1, channels);
        if (counts.length != 1 && counts.length != experts) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, tensor.name() + " has " + experts + " rows, but there are " + counts.length + " counts.",
                "The importance matrix is damaged; make one with 'crema imatrix'.");
        }
        float[] together = new float[channels];
        double tokens = 0;
        for (int expert = 0; expert < experts; expert++) {
            tokens += counts[expert % counts.length];
            for (int i = 0; i < channels; i++) {
                together[i] += sums[expert * channels + i];
            }
        }
        float[] means = new float[sums.length];
        for (int i = 0; i < sums.length; i++) {
            float count = counts[i / channels % counts.length];
            // An importance of nothing would leave a channel's weights to chance.
            means[i] = (float) Math.max(Float.MIN_NORMAL, count > 0 ? sums[i] / count : together[i % channels] / Math.max(1, tokens));
        }
        return means;
    }

    private static float[] floats(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] values = new float[bytes.length / 4];
        Quant.dequantize(DType.F32, bytes, 0, values, 0, values.length);
        return values;
    }
}
