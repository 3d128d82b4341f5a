package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One JSON line a request, written by a thread of its own: a disk or terminal that hangs loses lines and holds up no request. */
final class AccessLog implements AutoCloseable {
    /** Writes nothing. */
    static final AccessLog NONE = new AccessLog(null);

    private static final int MAX_WAITING_LINES = 10_000;
    private static final long CLOSE_MILLIS = 2_000;

    private final ArrayBlockingQueue<String> lines = new ArrayBlockingQueue<>(MAX_WAITING_LINES);
    private final OutputStream out;
    private final Thread writer;
    private volatile boolean closed;

    private AccessLog(OutputStream out) {
        this.out = out;
        writer = out == null ? null : Thread.ofPlatform().name("crema-access-log").daemon().start(this::write);
    }

    /** Logs to a stream, which it flushes and does not close. */
    static AccessLog to(OutputStream out) {
        return new AccessLog(out);
    }

    /** Appends to a file. */
    static AccessLog to(Path file) {
        try {
            return new AccessLog(new FileOutputStream(file.toFile(), true));
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "The access log can't be written to " + file + ": " + e.getMessage() + ".", "", e);
        }
    }

    boolean isOn() {
        return out != null;
    }

    /** Takes one line, or drops it where too many wait. */
    void add(String line) {
        lines.offer(line);
    }

    private void write() {
        try {
            while (!closed || !lines.isEmpty()) {
                String line = lines.poll(100, TimeUnit.MILLISECONDS);
                for (; line != null; line = lines.poll()) {
                    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
                out.flush();
            }
        } catch (IOException | InterruptedException e) {
            closed = true; // Nobody reads the log any more; the requests go on.
        }
    }

    /** Writes what waits. */
    @Override
    public void close() {
        closed = true;
        if (writer != null) {
            try {
                writer.join(CLOSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
