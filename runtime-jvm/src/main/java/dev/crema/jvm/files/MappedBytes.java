package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Bytes outside the Java heap: a mapped file, or a copy of a packed resource. They live as long as the {@link LocalFiles} or
 * {@link ResourceFiles} that opened them; a device of this platform reads {@link #segment} without a copy.
 */
public final class MappedBytes implements Bytes {
    private final MemorySegment segment;
    private final String name;

    MappedBytes(MemorySegment segment, String name) {
        this.segment = segment;
        this.name = name;
    }

    /** The memory itself, read-only; not aligned to more than the file's own layout gives. */
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public long length() {
        return segment.byteSize();
    }

    @Override
    public Bytes slice(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        return new MappedBytes(segment.asSlice(offset, length), name);
    }

    @Override
    public void awaitRead(long position, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(position, (long) length, segment.byteSize());
        try {
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position, target, offset, length);
        } catch (InternalError e) {
            // The JVM's word for SIGBUS: somebody cut the file short after it was mapped, or the disk failed.
            throw new CremaException(ErrorCode.STORAGE_FAILED, "Reading " + length + " bytes at " + position + " of " + name + " failed: "
                + e.getMessage(), "Was the file changed while the model was in use?", e);
        }
    }
}
