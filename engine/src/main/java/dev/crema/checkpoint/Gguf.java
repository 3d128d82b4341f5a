package dev.crema.checkpoint;

import dev.crema.device.Bytes;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a GGUF file, version 2 or 3 (ggml, docs/gguf.md): metadata and the tensors under their GGUF names. Values of 8 to 64 bits
 * become {@code Long}, floats {@code Double}; see {@link Metadata} for arrays.
 */
final class Gguf {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;

    private static final int PREAMBLE_BYTES = 24;
    /** Length of a key, type of the value, one byte of value. */
    private static final int MIN_KEY_BYTES = 8 + 4 + 1;
    /** Length of a name, rank, type, offset. */
    private static final int MIN_TENSOR_BYTES = 8 + 4 + 4 + 8;
    /** GGML_MAX_DIMS. */
    private static final int MAX_RANK = 4;
    private static final int DEFAULT_ALIGNMENT = 32;
    /** Far above any real file; an object for each entry takes more memory than the entry in the file. */
    private static final int MAX_KEYS = 1 << 16;
    private static final int MAX_TENSORS = 1 << 18;

    final Metadata metadata = new Metadata();
    final Map<String, TensorEntry> tensors = new LinkedHashMap<>();

    private final String fileName;
    private final PrefixReader in;
    private final List<TensorPlace> places = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private long alignment = DEFAULT_ALIGNMENT;

    /** One entry of the header; it changes nothing before it is read completely. */
    private interface Entry {
        void read();
    }

    private Gguf(String fileName, Bytes file) {
        this.fileName = fileName;
        in = new PrefixReader(fileName, file);
    }

    static boolean awaitIsGguf(Bytes file) {
        if (file.length() < 4) {
            return false;
        }
        var magic = new byte[4];
        file.awaitRead(0, magic, 0, 4);
        return magic[0] == 'G' && magic[1] == 'G' && magic[2] == 'U' && magic[3] == 'F';
    }

    static Gguf awaitRead(String fileName, Bytes file) {
        if (file.length() < PREAMBLE_BYTES) {
            throw Damage.invalid(fileName, "a GGUF file has at least " + PREAMBLE_BYTES + " bytes, this one has " + file.length());
        }
        var gguf = new Gguf(fileName, file);
        gguf.in.awaitMore();
        gguf.checkVersion();
        long tensorCount = gguf.in.i64();
        long keyCount = gguf.in.i64();
        gguf.checkCount("keys", keyCount, Math.min(MAX_KEYS, file.length() / MIN_KEY_BYTES), file.length());
        gguf.checkCount("tensors", tensorCount, Math.min(MAX_TENSORS, file.length() / MIN_TENSOR_BYTES), file.length());
        gguf.awaitEach(keyCount, gguf::readKey);
        gguf.readAlignment();
        gguf.awaitEach(tensorCount, gguf::readTensor);
        long end = gguf.in.position();
        long dataStart = end + (gguf.alignment - end % gguf.alignment) % gguf.alignment;
        TensorPlace.place(fileName, file, dataStart, gguf.places, gguf.tensors);
        return gguf;
    }

    private void awaitEach(long count, Entry entry) {
        for (long i = 0; i < count; ) {
            in.mark();
            try {
                entry.read();
                i++;
            } catch (PrefixReader.Short e) {
                in.awaitMore();
            }
        }
    }

    private void checkVersion() {
        if (in.i32() != MAGIC) {
            throw Damage.invalid(fileName, "it does not begin with GGUF");
        }
        int version = in.i32();
        if (version != 0 && (version & 0xffff) == 0) {
            throw Damage.unsupported(fileName + " is a big-endian GGUF file.", "Take a little-endian one, as nearly all are.");
        }
        if (version != 2 && version != 3) {
            throw Damage.unsupported(fileName + " has GGUF version " + (version & 0xffffffffL) + ", Crema reads 2 and 3.",
                "Convert the model again with a current converter.");
        }
    }

    private void checkCount(String what, long count, long atMost, long fileLength) {
        if (count < 0 || count > atMost) {
            throw Damage.invalid(fileName, "it claims " + Damage.unsigned(count) + " " + what + " in " + fileLength + " bytes, at most " + atMost
                + " are possible");
        }
    }

    private void readKey() {
        String key = in.string();
        int type = in.i32();
        if (metadata.has(key)) {
            throw Damage.invalid(fileName, "key " + key + " is there twice");
        }
        if (type == GgufValues.ARRAY) {
            GgufValues.putArray(fileName, key, in, metadata);
        } else {
            metadata.put(key, GgufValues.scalar(fileName, key, type, in), type);
        }
    }

    private void readAlignment() {
        alignment = metadata.integer("general.alignment", DEFAULT_ALIGNMENT);
        if (alignment < 1 || alignment > 1 << 20 || (alignment & alignment - 1) != 0) {
            throw Damage.invalid(fileName, "general.alignment is " + Damage.unsigned(alignment) + ", expected a power of two");
        }
    }

    private void readTensor() {
        String name = in.string();
        long rank = in.u32();
        if (rank > MAX_RANK) {
            throw Damage.invalid(fileName, "tensor " + name + " has " + rank + " dimensions, expected at most " + MAX_RANK);
        }
        // GGUF writes the contiguous dimension first.
        var extents = new long[(int) rank];
        for (int i = extents.length - 1; i >= 0; i--) {
            extents[i] = in.i64();
        }
        int typeId = in.i32();
        long offset = in.i64();
        Shape shape = TensorPlace.shape(fileName, name, extents);
        DType dtype = DType.ofGgmlId(typeId);
        if (dtype == null) {
            throw Damage.unsupported(fileName + ": tensor " + name + " has ggml's type " + (typeId & 0xffffffffL) + ", which Crema does not know.",
                "Take the model in a common format, such as Q4_K_M, Q8_0 or F16.");
        }
        long elements = TensorPlace.elements(extents);
        long row = rank == 0 ? 1 : shape.last();
        if (row % dtype.blockSize() != 0) {
            throw Damage.invalid(fileName, "tensor " + name + " " + shape + " has rows that are no whole number of " + dtype + " blocks of "
                + dtype.blockSize());
        }
        if (offset < 0 || offset % alignment != 0 || elements / dtype.blockSize() > (Long.MAX_VALUE - offset) / dtype.blockBytes()) {
            throw Damage.invalid(fileName, "tensor " + name + " " + dtype + shape + " should begin at byte " + Damage.unsigned(offset)
                + " of the data, with an alignment of " + alignment);
        }
        if (!names.add(name)) {
            throw Damage.invalid(fileName, "tensor " + name + " is there twice");
        }
        places.add(new TensorPlace(name, dtype, shape, offset, offset + dtype.bytes(elements)));
    }
}
