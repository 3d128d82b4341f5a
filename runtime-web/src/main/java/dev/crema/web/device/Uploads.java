package dev.crema.web.device;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.web.gpu.GPUQueue;
import dev.crema.web.storage.FileParts;
import dev.crema.web.storage.WebBytes;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

import java.util.ArrayList;
import java.util.List;

/** Moves bytes into GPU buffers: parts of files as opaque chunks that go straight to the queue, other bytes through a small Java array. */
final class Uploads {
    private static final int CHUNK_BYTES = 1 << 20;
    /** So many bytes wait for the queue at most: it keeps a copy of each until it has written it, and a fast source would fill the memory with them. */
    private static final int QUEUED_BYTES = 16 << 20;

    private final GPUQueue queue;
    private final DeviceState state;
    private final Progress progress;
    private final Cancellation cancellation;
    private final FileParts files;
    private String name = "";
    private long total;
    private long done;
    private long queued;

    Uploads(GPUQueue queue, DeviceState state, Progress progress, Cancellation cancellation) {
        this.queue = queue;
        this.state = state;
        this.progress = progress;
        this.cancellation = cancellation;
        files = new FileParts(cancellation, this::awaitNext);
    }

    void addTotal(long bytes) {
        total += bytes;
    }

    /** Queues a part of a file for {@link #awaitFiles}; copies anything else at once. */
    void awaitAdd(GpuWeight weight, Bytes bytes) {
        List<UploadTarget> targets = targets(weight);
        if (bytes instanceof WebBytes inFile) {
            files.add(weight.weight().name(), inFile, (chunk, from, count, position) -> accept(weight, targets, chunk, count, position - from));
        } else {
            awaitCopy(weight, targets, bytes);
        }
    }

    /** Streams every file that parts were added of. */
    void awaitFiles() {
        files.awaitAll();
    }

    private void awaitCopy(GpuWeight weight, List<UploadTarget> targets, Bytes bytes) {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, bytes.length())];
        for (long at = 0; at < bytes.length();) {
            cancellation.check();
            int count = (int) Math.min(chunk.length, bytes.length() - at);
            if (count < chunk.length) {
                chunk = new byte[count];
            }
            bytes.awaitRead(at, chunk, 0, count);
            Int8Array copy = Int8Array.copyFromJavaArray(chunk);
            accept(weight, targets, new Uint8Array(copy.getBuffer(), copy.getByteOffset(), count), count, at);
            awaitNext(count);
            at += count;
        }
    }

    /** Where the bytes of a weight go. */
    private static List<UploadTarget> targets(GpuWeight weight) {
        var targets = new ArrayList<UploadTarget>();
        long start = 0;
        for (GpuWeight.Part part : weight.parts()) {
            targets.add(new UploadTarget(part.buffer(), start, part.bytes()));
            start += part.bytes();
        }
        return targets;
    }

    /** Hands {@code count} bytes of the weight to its targets; the chunk begins at {@code position} of the weight, or before it. */
    private void accept(GpuWeight weight, List<UploadTarget> targets, Uint8Array chunk, int count, long position) {
        for (UploadTarget target : targets) {
            target.accept(queue, chunk, position);
        }
        name = weight.weight().name();
        done += count;
    }

    /** Lets the queue catch up; fails where the GPU was lost meanwhile. */
    private void awaitNext(int chunkBytes) {
        queued += chunkBytes;
        if (queued >= QUEUED_BYTES) {
            queued = 0;
            queue.flush();
            state.awaitDone();
        }
        state.check();
        progress.report(Progress.Phase.UPLOAD, name, done, total);
    }
}
