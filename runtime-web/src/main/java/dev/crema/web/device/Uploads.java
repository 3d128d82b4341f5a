package dev.crema.web.device;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.web.gpu.GPUQueue;
import dev.crema.web.storage.WebBytes;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Moves bytes into GPU buffers. Parts of files are sorted by place and read in one pass over each file, as opaque chunks that go
 * straight to the queue; other bytes pass through a small Java array.
 */
final class Uploads {
    private static final int CHUNK_BYTES = 1 << 20;
    /** So many bytes wait for the queue at most: it keeps a copy of each until it has written it, and a fast source would fill the memory with them. */
    private static final int QUEUED_BYTES = 16 << 20;
    /** A gap that is cheaper to read over than to ask for the rest anew. */
    private static final int MAX_GAP_BYTES = 1 << 20;

    private record InFile(WebBytes bytes, GpuWeight weight) { }

    private final GPUQueue queue;
    private final DeviceState state;
    private final Progress progress;
    private final Cancellation cancellation;
    private final List<List<InFile>> files = new ArrayList<>();
    private long total;
    private long done;
    private long queued;

    Uploads(GPUQueue queue, DeviceState state, Progress progress, Cancellation cancellation) {
        this.queue = queue;
        this.state = state;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    void addTotal(long bytes) {
        total += bytes;
    }

    /** Queues a part of a file for {@link #awaitFiles}; copies anything else at once. */
    void awaitAdd(GpuWeight weight, Bytes bytes) {
        if (bytes instanceof WebBytes inFile) {
            fileOf(inFile).add(new InFile(inFile, weight));
        } else {
            awaitCopy(weight, bytes);
        }
    }

    private List<InFile> fileOf(WebBytes bytes) {
        for (List<InFile> file : files) {
            if (file.get(0).bytes.file() == bytes.file()) {
                return file;
            }
        }
        files.add(new ArrayList<>());
        return files.get(files.size() - 1);
    }

    private void awaitCopy(GpuWeight weight, Bytes bytes) {
        List<UploadTarget> targets = targets(weight, 0);
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, bytes.length())];
        for (long at = 0; at < bytes.length();) {
            cancellation.check();
            int count = (int) Math.min(chunk.length, bytes.length() - at);
            if (count < chunk.length) {
                chunk = new byte[count];
            }
            bytes.awaitRead(at, chunk, 0, count);
            Int8Array copy = Int8Array.copyFromJavaArray(chunk);
            awaitAccept(targets, new Uint8Array(copy.getBuffer(), copy.getByteOffset(), count), at);
            at += count;
        }
    }

    /** Streams every file that parts were added of. */
    void awaitFiles() {
        for (List<InFile> file : files) {
            file.sort(Comparator.comparingLong(part -> part.bytes.offset()));
            int from = 0;
            while (from < file.size()) {
                int to = from + 1;
                long end = end(file.get(from));
                while (to < file.size() && file.get(to).bytes.offset() - end <= MAX_GAP_BYTES) {
                    end = Math.max(end, end(file.get(to++)));
                }
                awaitRun(file.subList(from, to), end);
                from = to;
            }
        }
    }

    private static long end(InFile part) {
        return part.bytes.offset() + part.bytes.length();
    }

    private void awaitRun(List<InFile> parts, long end) {
        WebBytes first = parts.get(0).bytes;
        long start = first.offset();
        var targets = new ArrayList<UploadTarget>();
        for (InFile part : parts) {
            targets.addAll(targets(part.weight, part.bytes.offset() - start));
        }
        first.file().slice(start, end - start).awaitStream((chunk, position) -> {
            cancellation.check();
            awaitAccept(targets, chunk, position);
        }, cancellation);
        if (!targets.isEmpty()) {
            throw new CremaException(ErrorCode.DOWNLOAD_FAILED, "The weight " + targets.get(0).name + " ended too early: only " + done + " of "
                + total + " bytes came.", "Try again.");
        }
    }

    /** Where the weight goes that begins at {@code start} of a stream. */
    private static List<UploadTarget> targets(GpuWeight weight, long start) {
        var targets = new ArrayList<UploadTarget>();
        for (GpuWeight.Part part : weight.parts()) {
            targets.add(new UploadTarget(weight.weight().name(), part.buffer(), start, part.bytes()));
            start += part.bytes();
        }
        return targets;
    }

    /** Hands a chunk to all targets that it overlaps, and drops those that are full; fails where the GPU was lost meanwhile. */
    private void awaitAccept(List<UploadTarget> targets, Uint8Array chunk, long position) {
        long end = position + chunk.getLength();
        String name = "";
        for (int i = 0; i < targets.size() && targets.get(i).start < end; i++) {
            UploadTarget target = targets.get(i);
            target.accept(queue, chunk, position);
            name = target.name;
            done += Math.max(0, Math.min(end, target.end) - Math.max(position, target.start));
        }
        targets.removeIf(target -> target.end <= end);
        queued += chunk.getLength();
        if (queued >= QUEUED_BYTES) {
            queued = 0;
            queue.flush();
            state.awaitDone();
        }
        state.check();
        progress.report(Progress.Phase.UPLOAD, name, done, total);
    }
}
