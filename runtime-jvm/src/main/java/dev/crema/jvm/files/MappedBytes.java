package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Bytes outside the Java heap: a mapped file, or a copy of a packed resource. They live as long as the {@link LocalFiles} or
 * {@link ResourceFiles} that opened them; a device of this platform reads {@link #segment} without a copy.
 */
public final class MappedBytes implements Bytes {
    private final MemorySegment segment;
    private final String name;
    /** The file, what tells it from others, and where in it the segment begins; null for a copy. */
    private final Path path;
    private final Object key;
    private final long start;

    /** A copy in memory. */
    MappedBytes(MemorySegment segment, String name) {
        this(segment, name, null, null, 0);
    }

    /** A mapped file with its {@link LocalFiles#key}. */
    MappedBytes(MemorySegment segment, Path path, Object key) {
        this(segment, path.getFileName().toString(), path, key, 0);
    }

    private MappedBytes(MemorySegment segment, String name, Path path, Object key, long start) {
        this.segment = segment;
        this.name = name;
        this.path = path;
        this.key = key;
        this.start = start;
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
        return new MappedBytes(segment.asSlice(offset, length), name, path, key, start + offset);
    }

    @Override
    public void awaitRead(long position, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(position, (long) length, segment.byteSize());
        try {
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, position, target, offset, length);
        } catch (InternalError e) {
            // The JVM's word for SIGBUS: somebody cut the file short after it was mapped, or the disk failed.
            throw failed(length, position, e);
        }
    }

    /**
     * Opens the bytes to be read without the mapping: it makes no page of that resident. Where the file was deleted or another has its name, the mapping, which
     * still has the bytes, is read after all.
     */
    public Reader open() {
        if (path == null) {
            return new Reader(null);
        }
        try {
            return new Reader(openFile());
        } catch (NoSuchFileException e) {
            return new Reader(null);
        } catch (IOException e) {
            throw LocalFiles.storageFailed("opening " + name, e);
        }
    }

    /** Null where it is another file than was mapped. */
    private FileChannel openFile() throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        boolean same = false;
        try {
            same = Objects.equals(LocalFiles.key(path), key);
        } finally {
            if (!same) {
                channel.close();
            }
        }
        return same ? channel : null;
    }

    private CremaException failed(long length, long position, Throwable cause) {
        return new CremaException(ErrorCode.STORAGE_FAILED, "Reading " + length + " bytes at " + position + " of " + name + " failed: "
            + cause.getMessage(), "Was the file changed while the model was in use?", cause);
    }

    /** Reads from any thread. */
    public final class Reader implements AutoCloseable {
        private final FileChannel channel;

        private Reader(FileChannel channel) {
            this.channel = channel;
        }

        /** Fills {@code target} with the bytes from {@code position}. */
        public void read(long position, MemorySegment target) {
            Objects.checkFromIndexSize(position, target.byteSize(), segment.byteSize());
            try {
                if (channel == null) {
                    MemorySegment.copy(segment, position, target, 0, target.byteSize());
                    return;
                }
                ByteBuffer buffer = target.asByteBuffer();
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, start + position + buffer.position()) < 0) {
                        throw new EOFException("the file is shorter than it was");
                    }
                }
            } catch (ClosedChannelException e) {
                // Interrupting a thread that reads closes the channel for all; the mapping is still there.
                MemorySegment.copy(segment, position, target, 0, target.byteSize());
            } catch (IOException | InternalError e) {
                throw failed(target.byteSize(), position, e);
            }
        }

        @Override
        public void close() {
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException e) {
                throw LocalFiles.storageFailed("closing " + name, e);
            }
        }
    }
}
