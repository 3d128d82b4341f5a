package dev.crema.web.wasm;

/** Memory that each thread has to itself while a kernel runs. */
final class Scratch {
    private final int threads;
    private long threadBytes = 64;
    private int address;

    Scratch(int threads) {
        this.threads = threads;
    }

    /** A kernel needs so many bytes for each thread. */
    void need(long bytes) {
        threadBytes = Math.max(threadBytes, (bytes + 63) / 64 * 64);
    }

    void place(Region region) {
        address = region.take(threadBytes * threads, "scratch memory");
    }

    int address() {
        return address;
    }

    int threadBytes() {
        return (int) threadBytes;
    }
}
