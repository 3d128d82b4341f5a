package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A GGUF model as it stands in its file or files, with GGUF's own names. A split model's parts are named {@code name-00001-of-00003.gguf}, and the
 * first has the metadata (llama.cpp's gguf-split).
 *
 * @param fileName of the first part
 * @param tensors  by GGUF name, in file order, of all parts
 */
public record GgufFiles(String fileName, Metadata metadata, Map<String, TensorEntry> tensors) {
    private static final int DIGITS = 5;
    /** {@code -00001-of-00003.gguf}. */
    private static final int SUFFIX_LENGTH = 1 + DIGITS + 4 + DIGITS + 5;
    private static final int MAX_PARTS = 4096;

    /** The GGUF of {@code files}, or null where it is not clear that there is one: no such file, or several that are not one model's parts. */
    public static GgufFiles awaitFind(ModelFiles files) {
        String only = only(files.names());
        Bytes file = only == null ? null : files.awaitOpen(only);
        return file == null || !Gguf.awaitIsGguf(file) ? null : awaitRead(files, only, file);
    }

    /** The one GGUF file among the names, or the first part of the one split model; else null. */
    static String only(List<String> names) {
        List<String> ggufs = HuggingFaceFolder.withSuffix(names, ".gguf");
        if (ggufs.isEmpty() && names != null && names.size() == 1) {
            return names.get(0);
        }
        for (String name : ggufs) {
            if (!partName(name, 1).equals(partName(ggufs.get(0), 1))) {
                return null;
            }
        }
        return ggufs.isEmpty() ? null : ggufs.size() == 1 ? ggufs.get(0) : partName(ggufs.get(0), 1);
    }

    /** Whether the name is that of a part. */
    public static boolean isPart(String name) {
        return count(name) > 0;
    }

    /** The name of part {@code number}, from 1, of the model that {@code name} is a part of; another name as it is. */
    public static String partName(String name, int number) {
        int count = count(name);
        return count == 0 ? name : partName(name.substring(0, name.length() - SUFFIX_LENGTH), number, count);
    }

    /** {@code stem-00001-of-00003.gguf}. */
    public static String partName(String stem, int number, int count) {
        return stem + "-" + padded(number) + "-of-" + padded(count) + ".gguf";
    }

    private static String padded(int number) {
        String digits = Integer.toString(number);
        return "00000".substring(Math.min(DIGITS, digits.length())) + digits;
    }

    /** How many parts the name speaks of, or 0. */
    private static int count(String name) {
        int start = name.length() - SUFFIX_LENGTH;
        if (start < 1 || name.charAt(start) != '-' || !name.startsWith("-of-", start + 1 + DIGITS) || !name.endsWith(".gguf")) {
            return 0;
        }
        int number = number(name, start + 1);
        int count = number(name, start + 1 + DIGITS + 4);
        return number >= 1 && count >= number && count <= MAX_PARTS ? count : 0;
    }

    private static int number(String name, int at) {
        int value = 0;
        for (int i = at; i < at + DIGITS; i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = 10 * value + c - '0';
        }
        return value;
    }

    /** Reads the header of the file, and those of the other parts where it is split; {@code name} may be any part. */
    static GgufFiles awaitRead(ModelFiles files, String name, Bytes file) {
        Gguf gguf = Gguf.awaitRead(name, file);
        long count = gguf.metadata.integer("split.count", 1);
        if (count <= 1) {
            return new GgufFiles(name, gguf.metadata, gguf.tensors);
        }
        if (count(name) != count) {
            throw Damage.unsupported(name + " says that it is part " + (gguf.metadata.integer("split.no", 0) + 1) + " of " + count
                + ", but its name does not say so.", "Name the parts as they were made: model-00001-of-" + padded((int) Math.min(count, 99_999)) + ".gguf.");
        }
        var tensors = new LinkedHashMap<String, TensorEntry>();
        Metadata metadata = null;
        for (int number = 1; number <= count; number++) {
            String partName = partName(name, number);
            Gguf part = partName.equals(name) ? gguf : awaitPart(files, partName, (int) count);
            checkPart(partName, part.metadata, number, count);
            metadata = number == 1 ? part.metadata : metadata;
            for (TensorEntry tensor : part.tensors.values()) {
                if (tensors.put(tensor.name(), tensor) != null) {
                    throw Damage.invalid(partName, "tensor " + tensor.name() + " is in another part, too");
                }
            }
        }
        long expected = metadata.integer("split.tensors.count", tensors.size());
        if (expected != tensors.size()) {
            throw Damage.invalid(partName(name, 1), "the " + count + " parts have " + tensors.size() + " tensors, and should have " + expected);
        }
        return new GgufFiles(partName(name, 1), metadata, tensors);
    }

    private static Gguf awaitPart(ModelFiles files, String name, int count) {
        Bytes file = files.awaitOpen(name);
        if (file == null) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model has " + count + " parts, and " + name + " is missing.",
                "All parts must lie in one folder; choose them all where you pick files.");
        }
        return Gguf.awaitRead(name, file);
    }

    private static void checkPart(String name, Metadata metadata, int number, long count) {
        if (metadata.integer("split.count", 1) != count || metadata.integer("split.no", -1) != number - 1) {
            throw Damage.invalid(name, "it says that it is part " + (metadata.integer("split.no", -1) + 1) + " of " + metadata.integer("split.count", 1)
                + ", not " + number + " of " + count);
        }
    }
}
