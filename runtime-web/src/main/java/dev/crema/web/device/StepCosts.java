package dev.crema.web.device;

/** Counts what steps asked of the GPU. */
final class StepCosts {
    private long steps;
    private long dispatches;
    private long bytesWritten;
    private long bytesRead;

    void add(int stepDispatches, long written, long read) {
        steps++;
        dispatches += stepDispatches;
        bytesWritten += written;
        bytesRead += read;
    }

    void addRead(long bytes) {
        bytesRead += bytes;
    }

    @Override
    public String toString() {
        return steps + " steps: as many submits and writes, " + dispatches + " dispatches, " + bytesWritten + " bytes written, " + bytesRead + " bytes read";
    }
}
