package dev.crema.conformance.web;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.web.device.Notes;
import dev.crema.web.device.Teams;
import dev.crema.web.device.Tuning;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.device.WebGpuOptions;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Races of kernels on the adapter itself. */
final class TuneCases {
    private static final Weight WEIGHT = new Weight("weight", DType.Q4_0, Shape.of(64, 64));
    private static final String CLASS = "mat_mul q4_0 64: ";
    private static final String TEAM_CLASS = "mat_vec q4_0 64: ";

    private TuneCases() { }

    static void addTo(Map<String, WebGpuCases.Body> cases) {
        cases.put("webgpu/tune/winnerIsKeptAndTakenNextTime", TuneCases::awaitKept);
        cases.put("webgpu/tune/teamsRaceForOneRow", TuneCases::awaitTeams);
        cases.put("webgpu/tune/oneCandidateDoesNotRace", TuneCases::awaitOne);
        cases.put("webgpu/tune/offByDefaultAndInSoftware", TuneCases::awaitOff);
    }

    private static WebGpuOptions options(Notes store, boolean evenSoftware) {
        return WebGpuOptions.because("asked for").tuning(new Tuning(store, 60_000, evenSoftware));
    }

    /** The line of the device's report about the weight's class, or null; bytes that races left behind are an error. */
    private static String awaitReport(WebGpuOptions options) {
        return awaitReport(options, CLASS);
    }

    private static String awaitReport(WebGpuOptions options, String shapeClass) {
        try (WebGpuDevice device = WebGpuDevice.awaitOpen(options)) {
            device.upload(WEIGHT, new ArrayBytes(new byte[(int) WEIGHT.dtype().bytes(64 * 64)]));
            device.awaitUploads(Progress.NONE, new Cancellation());
            double before = GpuWatch.liveBytes();
            var g = new GraphBuilder("tuned");
            Graph graph = g.output(g.matMul("out", g.input("x", Shape.of(Shape.TOKENS, 64)), WEIGHT, null)).build();
            device.awaitCompile(graph, new Limits(128, 1, 1, 128, 8), Progress.NONE).close();
            require(GpuWatch.liveBytes() == before, "races leave " + (GpuWatch.liveBytes() - before) + " bytes");
            for (String feature : device.info().features()) {
                if (feature.startsWith(shapeClass)) {
                    return feature;
                }
            }
            return null;
        }
    }

    private static void awaitKept() {
        var store = new MemoryNotes();
        String raced = awaitReport(options(store, true));
        require(raced != null && raced.contains(" ms"), "no times: " + raced);
        require(store.kept.size() == 1, store.kept.size() + " texts are kept");
        String winner = raced.substring(0, raced.indexOf(" ("));
        int passes = GpuWatch.count("beginComputePass");
        String again = awaitReport(options(store, true));
        require((winner + " (stored)").equals(again), "raced: " + raced + ", next time: " + again);
        require(GpuWatch.count("beginComputePass") == passes, "a stored winner raced again");
    }

    /** Whatever wins, the device works with it, and so it does on the next visit. */
    private static void awaitTeams() {
        var store = new MemoryNotes();
        WebGpuOptions options = options(store, true).withTeams(Teams.WORKGROUP);
        String raced = awaitReport(options, TEAM_CLASS);
        require(raced != null && raced.contains("subgroups ") && raced.contains("memory ") && raced.contains(" ms"), "no times: " + raced);
        String winner = raced.substring(0, raced.indexOf(" ("));
        require((winner + " (stored)").equals(awaitReport(options, TEAM_CLASS)), "not kept: " + raced);
        require(awaitReport(options.without(Set.of("subgroups")), TEAM_CLASS) == null, "one form of teams raced");
        require(awaitReport(options.excluding(Set.of("team.workgroup.subgroups")), TEAM_CLASS) == null, "an excluded form of teams raced");
    }

    private static void awaitOne() {
        var store = new MemoryNotes();
        String report = awaitReport(options(store, true).excluding(Set.of("mat_mul.tile", "mat_mul.int8", "mat_mul.f16")));
        require(report == null && store.kept.isEmpty(), "one candidate raced: " + report);
    }

    private static void awaitOff() {
        var store = new MemoryNotes();
        for (WebGpuOptions options : List.of(WebGpuOptions.because("asked for"), options(store, false))) {
            String report = awaitReport(options);
            require(report == null && store.kept.isEmpty(), "kernels raced: " + report);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
