package dev.crema.conformance.web;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.device.Bytes;
import dev.crema.tensor.DType;
import dev.crema.web.device.Notes;
import dev.crema.web.device.Teams;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.device.WebGpuOptions;
import dev.crema.web.selftest.SelfTest;
import dev.crema.web.selftest.SelfTestReport;

import java.util.List;
import java.util.Map;

/** The self-test of an adapter, on one that is sound and on some that are made to compute wrong. */
final class SelfTestCases {
    private static final String TILES = "mat_mul.tile";

    private SelfTestCases() { }

    static void addTo(Map<String, WebGpuCases.Body> cases) {
        cases.put("webgpu/selfTest/soundAdapterKeepsAll", SelfTestCases::awaitSound);
        cases.put("webgpu/selfTest/damagedNoteIsNoResult", SelfTestCases::awaitDamaged);
        cases.put("webgpu/selfTest/wrongVariantIsDroppedAndRemembered", SelfTestCases::awaitDropped);
        cases.put("webgpu/selfTest/workgroupsThatFailGiveWayToSingleLanes", SelfTestCases::awaitSingle);
        cases.put("webgpu/selfTest/nothingRightIsNotUsed", SelfTestCases::awaitUseless);
    }

    /** As where the package's files are not served. */
    private static final class NoFiles implements ModelFiles {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public Bytes awaitOpen(String name) {
            return null;
        }
    }

    private static SelfTest test(Notes notes) {
        return new SelfTest(notes, new NoFiles(), Clock.SYSTEM, Progress.NONE);
    }

    /** With lanes in workgroups, as on a GPU; all forms are probed then. */
    private static WebGpuOptions options() {
        return WebGpuOptions.because("asked for").withTeams(Teams.WORKGROUP);
    }

    private static void awaitSound() {
        var notes = new MemoryNotes();
        SelfTest first = test(notes);
        double before = GpuWatch.liveBytes();
        first.awaitOpen(options(), List.of(DType.F32)).close();
        require(GpuWatch.liveBytes() == before, GpuWatch.liveBytes() - before + " bytes are left");
        SelfTestReport report = first.report();
        require(report.dropped().isEmpty() && !report.remembered(), report.toString());
        require(report.notes().size() == 1 && report.notes().get(0).startsWith("No whole model was tried"), report.toString());
        int compiled = GpuWatch.count("createComputePipelineAsync");
        SelfTest second = test(notes);
        second.awaitOpen(options(), List.of(DType.F32)).close();
        require(second.report().remembered(), second.report().toString());
        require(GpuWatch.count("createComputePipelineAsync") == compiled, "what is remembered was tested again");
    }

    /** In the short form, which is all that a software adapter gets by itself. */
    private static void awaitDamaged() {
        SelfTest test = test(new MemoryNotes() {
            @Override
            public String awaitRecall(String key) {
                return "{\"dropped\":7";
            }
        });
        test.awaitOpen(WebGpuOptions.because("asked for"), List.of(DType.F32)).close();
        require(!test.report().remembered() && test.report().dropped().isEmpty(), test.report().toString());
    }

    private static void awaitDropped() {
        GpuWatch.miscalculate("^mat_mul\\.tile");
        try {
            var notes = new MemoryNotes();
            SelfTest first = test(notes);
            try (WebGpuDevice device = first.awaitOpen(options(), List.of(DType.F32))) {
                require(!device.variants().contains(TILES), "the wrong kernel is still there: " + device.variants());
            }
            List<String> dropped = first.report().dropped();
            require(dropped.size() == 1 && dropped.get(0).startsWith(TILES + ": the logits are off by"), dropped.toString());
            SelfTest second = test(notes);
            try (WebGpuDevice device = second.awaitOpen(options(), List.of(DType.F32))) {
                require(second.report().remembered() && !device.variants().contains(TILES), "the wrong kernel is back");
            }
        } finally {
            GpuWatch.miscalculate(null);
        }
    }

    private static void awaitSingle() {
        GpuWatch.miscalculate("team=workgroup");
        try {
            SelfTest test = test(new MemoryNotes());
            try (WebGpuDevice device = test.awaitOpen(options(), List.of(DType.F32))) {
                require(device.info().features().contains("single kernels"), device.info().toString());
            }
            String last = test.report().dropped().get(test.report().dropped().size() - 1);
            require(last.startsWith("team.workgroup: "), last);
        } finally {
            GpuWatch.miscalculate(null);
        }
    }

    private static void awaitUseless() {
        GpuWatch.miscalculate(".");
        try {
            test(new MemoryNotes()).awaitOpen(options(), List.of(DType.F32)).close();
            throw new IllegalStateException("an adapter that computes wrong was opened");
        } catch (CremaException refused) {
            require(refused.code() == ErrorCode.DEVICE_UNAVAILABLE && refused.getMessage().contains("the logits are off by"), refused.describe());
        } finally {
            GpuWatch.miscalculate(null);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
