package dev.crema.web.storage;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import org.teavm.jso.typedarrays.Uint8Array;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads parts of files in one pass over each file, in the order in which they lie there, as opaque chunks. */
public final class FileParts {
    /** A gap that is cheaper to read over than to ask for the rest anew. */
    private static final int MAX_GAP_BYTES = 1 << 20;

    /** Takes {@code count} bytes of a chunk from {@code from} on, which stand at {@code position} of the part. It must not keep the chunk. */
    @FunctionalInterface
    public interface Receiver {
        void accept(Uint8Array chunk, int from, int count, long position);
    }

    /** Is told of each chunk that its parts have received, and may hold up the next. */
    @FunctionalInterface
    public interface Pace {
        void awaitNext(int chunkBytes);
    }

    private record Part(String name, WebBytes bytes, Receiver receiver) {
        long begin() {
            return bytes.offset();
        }

        long end() {
            return bytes.offset() + bytes.length();
        }
    }

    private final Cancellation cancellation;
    private final Pace pace;
    private final List<List<Part>> files = new ArrayList<>();

    /** One that takes chunks as fast as they come. */
    public FileParts(Cancellation cancellation) {
        this(cancellation, chunkBytes -> { });
    }

    public FileParts(Cancellation cancellation, Pace pace) {
        this.cancellation = cancellation;
        this.pace = pace;
    }

    /** Parts of one file must not overlap. */
    public void add(String name, WebBytes bytes, Receiver receiver) {
        fileOf(bytes).add(new Part(name, bytes, receiver));
    }

    private List<Part> fileOf(WebBytes bytes) {
        for (List<Part> file : files) {
            if (file.get(0).bytes.file() == bytes.file()) {
                return file;
            }
        }
        files.add(new ArrayList<>());
        return files.get(files.size() - 1);
    }

    /** Streams every file that parts were added of. */
    public void awaitAll() {
        for (List<Part> file : files) {
            file.sort(Comparator.comparingLong(Part::begin));
            int from = 0;
            while (from < file.size()) {
                int to = from + 1;
                long end = file.get(from).end();
                while (to < file.size() && file.get(to).begin() - end <= MAX_GAP_BYTES) {
                    end = Math.max(end, file.get(to++).end());
                }
                awaitRun(new ArrayList<>(file.subList(from, to)), end);
                from = to;
            }
        }
    }

    private void awaitRun(List<Part> parts, long end) {
        WebBytes first = parts.get(0).bytes;
        long start = first.offset();
        first.file().slice(start, end - start).awaitStream((chunk, position) -> {
            cancellation.check();
            accept(parts, chunk, start + position);
            pace.awaitNext(chunk.getLength());
        }, cancellation);
        parts.removeIf(part -> part.bytes.length() == 0);
        if (!parts.isEmpty()) {
            Part cut = parts.get(0);
            throw new CremaException(ErrorCode.DOWNLOAD_FAILED, "The weight " + cut.name + " of " + cut.bytes.length()
                + " bytes ended too early.", "Try again.");
        }
    }

    /** Hands a chunk that begins at {@code begin} of the file to all parts that it overlaps, and drops those that are complete. */
    private static void accept(List<Part> parts, Uint8Array chunk, long begin) {
        long end = begin + chunk.getLength();
        for (int i = 0; i < parts.size() && parts.get(i).begin() < end; i++) {
            Part part = parts.get(i);
            long from = Math.max(begin, part.begin());
            long to = Math.min(end, part.end());
            if (from < to) {
                part.receiver.accept(chunk, (int) (from - begin), (int) (to - from), from - part.begin());
            }
        }
        parts.removeIf(part -> part.end() <= end);
    }
}
