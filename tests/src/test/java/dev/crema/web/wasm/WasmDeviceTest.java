package dev.crema.web.wasm;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.JvmKernels;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the Wasm device does with its memory. */
class WasmDeviceTest {
    private static final int MEMORY = 1 << 20;
    private static final Limits LIMITS = new Limits(4, 4, 2, 32, 4);

    private final JvmKernels host = new JvmKernels(2, MEMORY);
    private final WasmDevice device = new WasmDevice(host, "test");

    private static Weight weight(int elements) {
        return new Weight("w", DType.F32, Shape.of(elements / 2, 2));
    }

    private void upload(Weight weight) {
        device.upload(weight, new ArrayBytes(new byte[(int) (4 * weight.shape().elements())]));
        device.awaitUploads(Progress.NONE, new Cancellation());
    }

    private static Graph graph(Weight weight) {
        var g = new GraphBuilder("g");
        return g.output(g.matMul("y", g.input("x", Shape.of(Shape.TOKENS, 2)), weight, null)).build();
    }

    @Test
    void modelBeyondTheMemoryIsRefusedWithTheNumbers() {
        CremaException refused = assertThrows(CremaException.class, () -> upload(weight(MEMORY / 4)));
        assertEquals(ErrorCode.OUT_OF_MEMORY, refused.code());
        assertEquals("A model needs 1048576 bytes beside the 4096 that are in use, and the WebAssembly memory of this page holds 1048576 at most.",
            refused.getMessage());
        upload(weight(MEMORY / 8));
    }

    @Test
    void modelBeyondTheMemoryGetsOneOf64BitsWhereThereIsOne() {
        var wide = new WideKernels();
        try (var wideDevice = new WasmDevice(wide, "test")) {
            Weight weight = weight(MEMORY / 4);
            wideDevice.upload(weight, new ArrayBytes(new byte[MEMORY]));
            CremaException refused = assertThrows(CremaException.class, () -> wideDevice.awaitUploads(Progress.NONE, new Cancellation()));
            assertEquals((1L << 32) + MEMORY + Zone.ALIGNMENT, wide.asked, "weights stand beyond 4 GB");
            assertEquals("A model needs 1048576 bytes beside the 4294967296 that are in use, and the WebAssembly memory of this page holds 17179869184 at most.",
                refused.getMessage());
        }
    }

    /** With a 64-bit memory, once it is asked for, that does not grow. */
    private static final class WideKernels extends JvmKernels {
        private boolean wide;
        private long asked;

        WideKernels() {
            super(1, MEMORY);
        }

        @Override
        public boolean wide() {
            return wide;
        }

        @Override
        public boolean awaitWiden() {
            wide = true;
            return true;
        }

        @Override
        public long maxBytes() {
            return wide ? 16L << 30 : super.maxBytes();
        }

        @Override
        public boolean grow(long bytes) {
            asked = bytes;
            return !wide && super.grow(bytes);
        }
    }

    @Test
    void cacheBeyondTheMemoryIsRefusedAndLeavesNothingBehind() {
        Weight weight = weight(64);
        upload(weight);
        Graph graph = graph(weight);
        for (int i = 0; i < 3; i++) {
            var tooMany = new Limits(MEMORY, 4, 2, 32, 4);
            assertEquals(ErrorCode.OUT_OF_MEMORY, assertThrows(CremaException.class, () -> device.awaitCompile(graph, tooMany, Progress.NONE)).code());
        }
        device.awaitCompile(graph, LIMITS, Progress.NONE).close();
    }

    @Test
    void closedExecutablesAndWeightsGivenAgainFreeTheirMemory() {
        for (int i = 0; i < 100; i++) {
            Weight weight = weight(MEMORY / 64);
            upload(weight);
            try (Executable executable = device.awaitCompile(graph(weight), LIMITS, Progress.NONE)) {
                assertEquals(LIMITS, executable.limits());
            }
        }
    }

    @Test
    void closingClosesTheHost() {
        device.close();
        device.close();
        assertTrue(host.isClosed());
        assertEquals(ErrorCode.CLOSED, assertThrows(CremaException.class, () -> upload(weight(64))).code());
    }

    @Test
    void heapJoinsNeighboursThatAreFree() {
        var heap = new Heap(host);
        int a = heap.take(100, "a");
        int b = heap.take(100, "b");
        int c = heap.take(100, "c");
        assertEquals(128, b - a);
        heap.give(a);
        heap.give(c);
        heap.give(b);
        assertEquals(a, heap.take(384, "all"));
    }
}
