package dev.crema.web.wasm;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.device.Executable;
import dev.crema.device.KvFormats;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Verifier;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.List;

/** Runs graphs on the processor with SIMD kernels over a linear memory. A step is complete when {@code submit} returns. */
public final class WasmDevice implements Device {
    private final KernelHost host;
    private final String reason;
    private final Heap heap;
    private final WasmWeights weights;
    private final List<WasmExecutable> executables = new ArrayList<>();
    private boolean closed;

    /** The device owns the host; {@code reason} says why it was chosen. */
    public WasmDevice(KernelHost host, String reason) {
        this.host = host;
        this.reason = reason;
        heap = new Heap(host);
        weights = new WasmWeights(host, heap);
    }

    @Override
    public DeviceInfo info() {
        return new DeviceInfo("wasm", host.name(), reason, host.features());
    }

    @Override
    public boolean supports(DType format) {
        return Quant.supports(format);
    }

    @Override
    public boolean supportsKv(DType format) {
        return KvFormats.ALL.contains(format);
    }

    @Override
    public long kvBytesPerToken(KvLayout layout, DType format) {
        return layout.bytesPerToken(format);
    }

    @Override
    public void upload(Weight weight, Bytes bytes) {
        checkOpen();
        weights.register(weight, bytes);
    }

    @Override
    public void awaitUploads(Progress progress, Cancellation cancellation) {
        checkOpen();
        weights.awaitUploads(progress, cancellation);
    }

    @Override
    public Executable awaitCompile(Graph graph, Limits limits, Progress progress) {
        checkOpen();
        Verifier.verify(graph);
        KvFormats.check(this, graph.kv(), limits.kvType());
        weights.check(graph);
        var region = new Region(heap);
        try {
            var executable = new WasmExecutable(this, graph, limits, host, weights, region);
            executables.add(executable);
            progress.report(Progress.Phase.COMPILE, graph.name(), 1, 1);
            return executable;
        } catch (RuntimeException failure) {
            region.free();
            throw failure;
        }
    }

    void checkOpen() {
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The device is closed.", "");
        }
    }

    void forget(WasmExecutable executable) {
        executables.remove(executable);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (WasmExecutable executable : List.copyOf(executables)) {
            executable.close();
        }
        host.close();
    }
}
