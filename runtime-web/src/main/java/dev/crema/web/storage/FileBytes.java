package dev.crema.web.storage;

import dev.crema.Cancellation;
import dev.crema.web.js.Promises;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

/** A part of a file of {@link JsFiles}. */
final class FileBytes implements WebBytes {
    /** Of one read into a Java array, so that the JavaScript copy beside it stays small. */
    private static final int READ_BYTES = 8 << 20;

    private final String name;
    private final JsFiles.JsFile file;
    private final FileBytes whole;
    private final long offset;
    private final long length;

    /** The whole of a file. */
    FileBytes(String name, JsFiles.JsFile file, long length) {
        this(name, file, null, 0, length);
    }

    private FileBytes(String name, JsFiles.JsFile file, FileBytes whole, long offset, long length) {
        this.name = name;
        this.file = file;
        this.whole = whole == null ? this : whole;
        this.offset = offset;
        this.length = length;
    }

    @Override
    public WebBytes file() {
        return whole;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public WebBytes slice(long from, long count) {
        checkRange(from, count);
        return new FileBytes(name, file, whole, offset + from, count);
    }

    @Override
    public void awaitRead(long position, byte[] target, int targetOffset, int count) {
        checkRange(position, count);
        if (targetOffset < 0 || targetOffset > target.length - count) {
            throw new IndexOutOfBoundsException(count + " bytes do not fit into " + target.length + " at " + targetOffset);
        }
        for (int done = 0; done < count;) {
            int part = Math.min(READ_BYTES, count - done);
            Uint8Array bytes = Promises.await(file.read(offset + position + done, part));
            byte[] copy = new Int8Array(bytes.getBuffer(), bytes.getByteOffset(), part).copyToJavaArray();
            System.arraycopy(copy, 0, target, targetOffset + done, part);
            done += part;
        }
    }

    @Override
    public void awaitStream(ChunkConsumer consumer, Cancellation cancellation) {
        JsFiles.JsStream stream = file.stream(offset, length);
        long position = 0;
        for (Uint8Array chunk = Promises.await(stream.next()); chunk != null; chunk = Promises.await(stream.next())) {
            cancellation.check();
            consumer.awaitAccept(chunk, position);
            position += chunk.getLength();
        }
    }

    private void checkRange(long from, long count) {
        if (from < 0 || count < 0 || from > length - count) {
            throw new IndexOutOfBoundsException(name + ": " + count + " bytes at " + from + " of " + length);
        }
    }
}
