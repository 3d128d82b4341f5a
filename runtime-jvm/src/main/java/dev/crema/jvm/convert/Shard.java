package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.Metadata;
import dev.crema.jvm.synth.GgufWriter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One file of a conversion.
 *
 * @param header    everything before the first tensor
 * @param alignment bytes that each tensor is filled up to a multiple of
 */
record Shard(String fileName, byte[] header, List<PlannedTensor> tensors, int alignment) {
    /** Name, length of it, rank, type and offset of a tensor in a header, and eight bytes an extent. */
    private static final int INFO_BYTES = 8 + 4 + 4 + 8;
    /** Keys of a part without the model's own. */
    private static final int PART_KEYS_BYTES = 256;

    long bytes() {
        return offset(tensors.size());
    }

    /** Where tensor {@code index} begins in the file; of their count, the end. */
    long offset(int index) {
        long at = header.length;
        for (PlannedTensor tensor : tensors.subList(0, index)) {
            at += tensor.bytes() + padding(tensor);
        }
        return at;
    }

    /** Bytes between the tensor and the next one. */
    int padding(PlannedTensor tensor) {
        return (int) ((alignment - tensor.bytes() % alignment) % alignment);
    }

    /** A file of safetensors with this header, which is padded with spaces to a multiple of eight bytes. */
    static Shard safetensors(String fileName, String header, List<PlannedTensor> tensors) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        var bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(text);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return new Shard(fileName, bytes.array(), tensors, 1);
    }

    /** The plan as one file. */
    static Shard whole(Plan plan, String fileName) {
        var writer = new GgufWriter();
        plan.writeKeys(writer);
        return of(fileName, writer, plan.tensors);
    }

    /** The plan as files of at most {@code most} bytes, as llama.cpp names and marks the parts of a model. */
    static List<Shard> parts(Plan plan, String stem, long most) {
        List<List<PlannedTensor>> groups = groups(plan, most);
        if (groups.size() == 1) {
            return List.of(whole(plan, stem + ".gguf"));
        }
        var shards = new ArrayList<Shard>();
        for (int i = 0; i < groups.size(); i++) {
            var writer = new GgufWriter();
            if (i == 0) {
                plan.writeKeys(writer);
            }
            // With these types llama.cpp wants them: u16, u16, i32.
            var split = new Metadata();
            split.put("split.no", (long) i, 2);
            split.put("split.count", (long) groups.size(), 2);
            split.put("split.tensors.count", (long) plan.tensors.size(), 5);
            split.values().keySet().forEach(key -> writer.put(key, split));
            shards.add(of(GgufFiles.partName(stem, i + 1, groups.size()), writer, groups.get(i)));
        }
        return shards;
    }

    private static Shard of(String fileName, GgufWriter writer, List<PlannedTensor> tensors) {
        for (PlannedTensor tensor : tensors) {
            writer.tensor(tensor.name(), tensor.to(), tensor.from().shape(), out -> { });
        }
        return new Shard(fileName, writer.header(), List.copyOf(tensors), GgufWriter.ALIGNMENT);
    }

    private static List<List<PlannedTensor>> groups(Plan plan, long most) {
        var keys = new GgufWriter();
        plan.writeKeys(keys);
        long used = keys.header().length + PART_KEYS_BYTES;
        List<List<PlannedTensor>> groups = new ArrayList<>();
        List<PlannedTensor> group = new ArrayList<>();
        groups.add(group);
        for (PlannedTensor tensor : plan.tensors) {
            long needed = GgufWriter.aligned(tensor.bytes()) + INFO_BYTES + 8L * tensor.from().shape().rank()
                + tensor.name().getBytes(StandardCharsets.UTF_8).length;
            if (used + needed > most && (groups.size() > 1 || !group.isEmpty())) {
                group = new ArrayList<>();
                groups.add(group);
                used = PART_KEYS_BYTES;
            }
            used += needed;
            if (used > most) {
                throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "shard-size", "A file of at most " + most + " bytes can't hold " + tensor.name() + " "
                    + tensor.to() + tensor.from().shape() + ", which with its file's keys takes " + used + ".", "Choose a larger --shard-size or a smaller --type.");
            }
            group.add(tensor);
        }
        return groups;
    }
}
