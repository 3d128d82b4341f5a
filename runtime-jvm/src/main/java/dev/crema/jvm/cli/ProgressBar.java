package dev.crema.jvm.cli;

import dev.crema.Progress;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Progress as one line of a terminal that is written over: what, share, bytes, rate and seconds left. Work that ends within a moment shows
 * nothing. Writes nothing at all where there is no terminal.
 */
public final class ProgressBar implements Progress, AutoCloseable {
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final long PATIENCE_NANOS = 400_000_000;
    private static final int BAR_CELLS = 20;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean enabled;
    private String key = "";
    private long startNanos;
    private long startDone;
    private long lastNanos;
    private boolean shown;

    public ProgressBar(Io io) {
        this(io.err(), io.errIsTerminal());
    }

    ProgressBar(PrintStream out, boolean enabled) {
        this.out = out;
        this.enabled = enabled;
    }

    @Override
    public synchronized void report(Phase phase, String what, long done, long total) {
        if (!enabled || phase == Phase.READY) {
            return;
        }
        long now = System.nanoTime();
        String newKey = phase == Phase.DOWNLOAD ? phase + what : phase.toString();
        if (!newKey.equals(key)) {
            clear();
            key = newKey;
            startNanos = now;
            startDone = done;
        } else if (now - lastNanos < INTERVAL_NANOS) {
            return;
        }
        if (phase != Phase.OPEN && now - startNanos < PATIENCE_NANOS) {
            return;
        }
        lastNanos = now;
        shown = true;
        out.print(CLEAR_LINE + line(label(phase, what), phase, done, total, (done - startDone) * 1e9 / Math.max(1, now - startNanos)));
        out.flush();
    }

    private static String label(Phase phase, String what) {
        return switch (phase) {
            case OPEN, DOWNLOAD -> what;
            case UPLOAD -> "loading weights";
            case TEST -> "testing the device";
            case TUNE -> "tuning";
            case COMPILE -> "compiling";
            case READY -> "ready";
        };
    }

    /** {@code model.gguf  45 % [=========>          ] 120 / 260 MB  12.3 MB/s  11 s left}. */
    static String line(String label, Phase phase, long done, long total, double perSecond) {
        var line = new StringBuilder(label);
        boolean bytes = phase == Phase.DOWNLOAD || phase == Phase.UPLOAD;
        if (total > 0) {
            double share = Math.min(1, (double) done / total);
            int cells = (int) (share * BAR_CELLS);
            line.append(String.format(Locale.ROOT, "  %3d %% [%s%s] ", (int) (share * 100), "=".repeat(cells), " ".repeat(BAR_CELLS - cells)));
            line.append(bytes ? Sizes.bytes(done) + " / " + Sizes.bytes(total) : done + " / " + total);
        } else if (bytes) {
            line.append("  ").append(Sizes.bytes(done));
        }
        if (bytes && perSecond > 0) {
            line.append("  ").append(Sizes.bytes((long) perSecond)).append("/s");
            if (total > done) {
                line.append("  ").append(Sizes.duration((long) Math.ceil((total - done) / perSecond))).append(" left");
            }
        }
        return line.toString();
    }

    private void clear() {
        if (shown) {
            out.print(CLEAR_LINE);
            out.flush();
            shown = false;
        }
    }

    /** Takes the line off the screen. */
    @Override
    public synchronized void close() {
        clear();
        key = "";
    }
}
