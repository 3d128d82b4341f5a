package dev.crema.device;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.graph.Graph;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

/**
 * Holds weights and compiles graphs that use them. One thread at a time. A device that is gone (lost, closed, out of memory)
 * throws {@code DEVICE_LOST}, {@code CLOSED} or {@code OUT_OF_MEMORY} from every call.
 */
public interface Device extends AutoCloseable {
    DeviceInfo info();

    /** Whether mat-muls and embeddings can read weights of this format as they are. */
    boolean supports(DType format);

    /** Whether a KV cache can be kept in this format ({@link Limits#kvType}), head dims permitting; see {@link KvFormats}. */
    boolean supportsKv(DType format);

    /** Bytes that a token takes in the KV cache on this device, over all layers, k and v. */
    long kvBytesPerToken(KvLayout layout, DType format);

    /**
     * Registers {@code bytes} as the contents of {@code weight} and returns at once; {@code weight.dtype().bytes(elements)} must be their length.
     * The bytes are read until {@link #awaitUploads} returns, and on devices that map files for as long as the device lives.
     */
    void upload(Weight weight, Bytes bytes);

    /** Moves everything registered to where the device needs it, reporting {@code UPLOAD} bytes; cancelling leaves nothing behind. */
    void awaitUploads(Progress progress, Cancellation cancellation);

    /** Plans memory and builds everything that a step of {@code graph} needs; the graph's weights must be uploaded. */
    Executable awaitCompile(Graph graph, Limits limits, Progress progress);

    /** Frees all memory of the device, its executables included. Closing twice is harmless. */
    @Override
    void close();
}
