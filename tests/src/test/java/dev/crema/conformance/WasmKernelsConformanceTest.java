package dev.crema.conformance;

import dev.crema.testing.JvmKernels;
import dev.crema.web.wasm.WasmDevice;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

import java.util.stream.Stream;

/**
 * The Wasm device against the reference, its kernels run as plain Java, in three parts each: of everything a little, because that is slow. The
 * whole suite runs on the compiled kernels (tests/node/conformance.test.mjs).
 */
class WasmKernelsConformanceTest {
    private static final String SLICE = "graphs/llama/f32_extras,kernels/embed/*/rows5_v77_c256,kernels/matMul/*/rows7_in96_out65,kernels/rope/*,"
        + "kernels/sample/*/v257,kernels/attention/d64,kernels/attention/kv_*/d64,kernels/route/*,kernels/expertSum/*";

    @TestFactory
    Stream<DynamicNode> conformance() {
        return ConformanceTests.of(System.getProperty("conformance", SLICE), () -> new WasmDevice(new JvmKernels(3, 1L << 30), "test"));
    }
}
