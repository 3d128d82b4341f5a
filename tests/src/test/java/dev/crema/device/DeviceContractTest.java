package dev.crema.device;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.HostDevices;
import dev.crema.testing.JvmKernels;
import dev.crema.web.wasm.WasmDevice;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What {@link Device} promises apart from numbers: errors, cancelling, closing. */
class DeviceContractTest {
    private static final Weight WEIGHT = new Weight("w", DType.F32, Shape.of(2, 2));
    private static final Limits LIMITS = new Limits(4, 4, 2, 32, 4);

    private static Device open(String kind) {
        return kind.equals("wasm") ? new WasmDevice(new JvmKernels(2, 1 << 24), "test") : HostDevices.all().get(kind).get();
    }

    private static Bytes bytes(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return new ArrayBytes(buffer.array());
    }

    private static Graph graph() {
        var g = new GraphBuilder("g");
        Value x = g.input("x", Shape.of(Shape.TOKENS, 2));
        return g.output(g.matMul("y", x, WEIGHT, null)).build();
    }

    private static CremaException assertCode(ErrorCode code, Executable call) {
        CremaException e = assertThrows(CremaException.class, call);
        assertEquals(code, e.code(), e.getMessage());
        return e;
    }

    /** y of x = (1, 10). */
    private static float[] run(dev.crema.device.Executable executable) {
        Graph graph = graph();
        executable.write(graph.inputs().get(0), new float[] {1, 10});
        try (Sequence sequence = executable.kvPool().newSequence()) {
            Step step = executable.submit(new Batch(List.of(new Batch.Item(sequence, new int[1], 0, null, false))));
            return step.awaitValue(graph.outputs().get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "wasm"})
    void wrongWeightsAreRefused(String kind) {
        try (Device device = open(kind)) {
            CremaException e = assertCode(ErrorCode.INVALID_CHECKPOINT, () -> device.upload(WEIGHT, bytes(1, 2, 3)));
            assertTrue(e.getMessage().contains("needs 16 bytes, but 12"), e.getMessage());
            var odd = new Weight("odd", DType.IQ2_XXS, Shape.of(1, 256));
            assertCode(ErrorCode.UNSUPPORTED_MODEL, () -> device.upload(odd, new ArrayBytes(new byte[66])));
            e = assertCode(ErrorCode.MISSING_TENSOR, () -> device.awaitCompile(graph(), LIMITS, Progress.NONE));
            assertTrue(e.getMessage().contains("\"w\" f32[2,2]"), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "wasm"})
    void uploadsReportBytesAndCanBeReplaced(String kind) {
        try (Device device = open(kind)) {
            var reports = new ArrayList<String>();
            device.upload(WEIGHT, bytes(1, 2, 3, 4));
            device.awaitUploads((phase, what, done, total) -> reports.add(phase + " " + what + " " + done + "/" + total), new Cancellation());
            assertEquals(List.of("UPLOAD w 0/16", "UPLOAD  16/16"), reports);
            try (var executable = device.awaitCompile(graph(), LIMITS, Progress.NONE)) {
                assertArrayEquals(new float[] {21, 43}, run(executable));
            }
            device.upload(WEIGHT, bytes(0, 1, 1, 0));
            device.awaitUploads(Progress.NONE, new Cancellation());
            try (var executable = device.awaitCompile(graph(), LIMITS, Progress.NONE)) {
                assertArrayEquals(new float[] {10, 1}, run(executable));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "wasm"})
    void cancelledAndFailedUploadsLeaveNothing(String kind) {
        try (Device device = open(kind)) {
            var cancelled = new Cancellation();
            cancelled.cancel();
            device.upload(WEIGHT, bytes(1, 2, 3, 4));
            assertCode(ErrorCode.CANCELLED, () -> device.awaitUploads(Progress.NONE, cancelled));
            var broken = new CremaException(ErrorCode.STORAGE_FAILED, "broken", "");
            device.upload(WEIGHT, new BrokenBytes(broken));
            assertSame(broken, assertThrows(CremaException.class, () -> device.awaitUploads(Progress.NONE, new Cancellation())));
            device.awaitUploads(Progress.NONE, new Cancellation());
            assertCode(ErrorCode.MISSING_TENSOR, () -> device.awaitCompile(graph(), LIMITS, Progress.NONE));
            device.upload(WEIGHT, bytes(1, 2, 3, 4));
            device.awaitUploads(Progress.NONE, new Cancellation());
            device.awaitCompile(graph(), LIMITS, Progress.NONE).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "wasm"})
    void whatIsClosedSaysSo(String kind) {
        Device device = open(kind);
        device.upload(WEIGHT, bytes(1, 2, 3, 4));
        device.awaitUploads(Progress.NONE, new Cancellation());
        var first = device.awaitCompile(graph(), LIMITS, Progress.NONE);
        var second = device.awaitCompile(graph(), LIMITS, Progress.NONE);
        first.close();
        first.close();
        assertCode(ErrorCode.CLOSED, () -> run(first));
        assertArrayEquals(new float[] {21, 43}, run(second));
        device.close();
        device.close();
        assertCode(ErrorCode.CLOSED, () -> run(second));
        assertCode(ErrorCode.CLOSED, () -> device.upload(WEIGHT, bytes(1, 2, 3, 4)));
        assertCode(ErrorCode.CLOSED, () -> device.awaitUploads(Progress.NONE, new Cancellation()));
        assertCode(ErrorCode.CLOSED, () -> device.awaitCompile(graph(), LIMITS, Progress.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "wasm"})
    void onlyInputsAndOutputsCanBeWrittenAndRead(String kind) {
        try (Device device = open(kind)) {
            device.upload(WEIGHT, bytes(1, 2, 3, 4));
            device.awaitUploads(Progress.NONE, new Cancellation());
            var executable = device.awaitCompile(graph(), LIMITS, Progress.NONE);
            var other = new Value(7, "other", DType.F32, Shape.of(Shape.TOKENS, 2));
            assertThrows(IllegalArgumentException.class, () -> executable.write(other, new float[2]));
            assertThrows(IllegalArgumentException.class, () -> executable.awaitRead(other));
            Value x = graph().inputs().get(0);
            assertThrows(IllegalArgumentException.class, () -> executable.write(x, new float[3]));
            assertThrows(IllegalArgumentException.class, () -> executable.write(x, new float[10]));
            executable.write(x, new float[] {1, 2, 3, 4});
            assertArrayEquals(new float[] {1, 2, 3, 4, 0, 0, 0, 0}, executable.awaitRead(x));
        }
    }

    private record BrokenBytes(CremaException error) implements Bytes {
        @Override
        public long length() {
            return 16;
        }

        @Override
        public Bytes slice(long offset, long length) {
            return this;
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int length) {
            throw error;
        }
    }
}
