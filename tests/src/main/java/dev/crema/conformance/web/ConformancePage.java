package dev.crema.conformance.web;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.conformance.Case;
import dev.crema.conformance.Conformance;
import dev.crema.conformance.Difference;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.reference.ReferenceDevice;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.js.Promises;
import dev.crema.web.wasm.JsKernelHost;
import dev.crema.web.wasm.JsKernels;
import dev.crema.web.wasm.WasmDevice;
import org.teavm.jso.JSBody;
import org.teavm.jso.core.JSPromise;

import java.util.List;
import java.util.Map;

/**
 * The conformance suite in a page. The address says what to run: {@code ?q=kernels/rope/*} (patterns, all by default),
 * {@code &device=webgpu|reference} with {@link DeviceParameters}, {@code &device=wasm} with {@code threads=2}, {@code memory=64} and {@code without=relaxed-simd},
 * {@code &bench=MILLIS}; or {@code ?suite=webgpu} for {@link WebGpuCases},
 * {@code ?suite=variants} for a list of the kernel variants that apply here, or {@code ?suite=sources} for the WGSL of {@link KernelSources}. Each outcome is handed to the page's
 * {@code report(name, outcome, text)}, the end to {@code finish(text)}.
 */
public final class ConformancePage {
    private ConformancePage() { }

    public static void main(String[] args) {
        Promises.start(ConformancePage::awaitSuite);
    }

    private static void awaitSuite() {
        try {
            String patterns = DeviceParameters.parameter("q", "*");
            if (DeviceParameters.parameter("suite", "").equals("webgpu")) {
                awaitWebGpuCases();
                finish("done");
            } else if (DeviceParameters.parameter("suite", "").equals("variants")) {
                try (WebGpuDevice device = WebGpuDevice.awaitOpen(DeviceParameters.options())) {
                    finish(String.join(" ", device.variants()));
                }
            } else if (DeviceParameters.parameter("suite", "").equals("sources")) {
                finish(KernelSources.listTo(ConformancePage::report) + " modules");
            } else if (DeviceParameters.parameter("bench", "").isEmpty()) {
                Conformance.Summary summary = Conformance.awaitRun(ConformancePage::awaitDevice, patterns, new PageReporter());
                finish(summary.passed() + " passed, " + summary.skipped() + " skipped, " + summary.failed() + " failed");
            } else {
                try (Device device = awaitDevice()) {
                    finish(Conformance.awaitBench(device, patterns, Clock.SYSTEM, Integer.parseInt(DeviceParameters.parameter("bench", "300"))));
                }
            }
        } catch (RuntimeException failure) {
            report("suite", "failed", describe(failure));
            finish("broken off");
        }
    }

    private static void awaitWebGpuCases() {
        for (Map.Entry<String, WebGpuCases.Body> next : WebGpuCases.all().entrySet()) {
            try {
                next.getValue().awaitRun();
                report(next.getKey(), "passed", "");
            } catch (RuntimeException error) {
                report(next.getKey(), "failed", describe(error));
            }
        }
    }

    private static Device awaitDevice() {
        if (DeviceParameters.parameter("device", "webgpu").equals("reference")) {
            return new ReferenceDevice(new DeviceInfo("reference", "WebAssembly on the CPU", "asked for", List.of()));
        }
        if (DeviceParameters.parameter("device", "webgpu").equals("wasm")) {
            int threads = Integer.parseInt(DeviceParameters.parameter("threads", "1"));
            boolean relaxed = !DeviceParameters.parameter("without", "").equals("relaxed-simd");
            boolean wide = DeviceParameters.parameter("memory", "32").equals("64");
            return new WasmDevice(new JsKernelHost(Promises.await(openKernels(threads, relaxed, wide))), "asked for");
        }
        return WebGpuDevice.awaitOpen(DeviceParameters.options());
    }

    private static final class PageReporter implements Conformance.Reporter {
        @Override
        public void passed(Case passed, Difference difference) {
            report(passed.name(), "passed", difference.toString());
        }

        @Override
        public void skipped(Case skipped, String reason) {
            report(skipped.name(), "skipped", reason);
        }

        @Override
        public void failed(Case failed, RuntimeException error) {
            report(failed.name(), "failed", describe(error));
        }
    }

    private static String describe(RuntimeException error) {
        return error instanceof CremaException crema ? crema.code().wireName() + ": " + crema.describe() : error.toString();
    }

    @JSBody(params = { "threads", "relaxed", "wide" }, script = "return openKernels({ threads: threads, relaxed: relaxed, wide: wide });")
    private static native JSPromise<JsKernels> openKernels(int threads, boolean relaxed, boolean wide);

    @JSBody(params = { "name", "outcome", "text" }, script = "report(name, outcome, text);")
    private static native void report(String name, String outcome, String text);

    @JSBody(params = "text", script = "finish(text);")
    private static native void finish(String text);
}
