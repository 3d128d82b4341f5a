package dev.crema.web.selftest;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.json.JsonParser;
import dev.crema.tensor.DType;
import dev.crema.web.device.Notes;
import dev.crema.web.device.Teams;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.device.WebGpuOptions;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Opens a GPU that computes right. The first time that an adapter is met with a set of kernels, each form of them is probed, and those that
 * fail are left out; where the lanes of a workgroup can't work together, kernels without barriers are taken; then a real model has to give
 * its known answer. The result is kept.
 */
public final class SelfTest {
    /** Stands among the dropped forms for kernels whose lanes share workgroup memory. */
    private static final String WORKGROUPS = "team.workgroup";

    private final Notes notes;
    private final ModelFiles knownModel;
    private final Clock clock;
    private final Progress progress;
    private SelfTestReport report;

    /** {@code knownModel} holds Crema Tiny and its goldens. */
    public SelfTest(Notes notes, ModelFiles knownModel, Clock clock, Progress progress) {
        this.notes = notes;
        this.knownModel = knownModel;
        this.clock = clock;
        this.progress = progress;
    }

    /** What was found by the last {@link #awaitOpen}. */
    public SelfTestReport report() {
        return report;
    }

    /** The device to use for weights in these formats; DEVICE_UNAVAILABLE where the GPU computes wrong in every form. */
    public WebGpuDevice awaitOpen(WebGpuOptions options, Collection<DType> formats) {
        WebGpuDevice device = WebGpuDevice.awaitOpen(options);
        try {
            String key = "self-test " + device.kernelsId() + " " + device.info().name() + " " + device.info().features() + " " + formats;
            report = awaitRecalled(key);
            if (report != null && report.dropped().isEmpty()) {
                return device;
            }
            device.close();
            if (report == null) {
                report = awaitTest(options, formats, device);
                notes.remember(key, report.toJson().toString());
            }
        } catch (RuntimeException failure) {
            device.close();
            throw failure;
        }
        return WebGpuDevice.awaitOpen(without(options, names(report.dropped())));
    }

    private SelfTestReport awaitRecalled(String key) {
        String kept = notes.awaitRecall(key);
        try {
            return kept == null ? null : SelfTestReport.remembered(JsonParser.parse(kept));
        } catch (CremaException damaged) {
            return null;
        }
    }

    private SelfTestReport awaitTest(WebGpuOptions asked, Collection<DType> formats, WebGpuDevice closed) {
        long start = clock.nanos();
        // Forms are forced or taken by default: no race between them is wanted yet.
        WebGpuOptions options = asked.tuning(null);
        List<Probe> probes = new ArrayList<>();
        for (DType format : formats) {
            probes.add(new Probe(format));
        }
        List<String> dropped = new ArrayList<>();
        // A software adapter runs plain forms unless asked otherwise, and would take long to compile the others.
        boolean plain = closed.isSoftware() && options.teams() == null;
        List<String> variants = plain ? List.of() : closed.variants();
        for (int i = 0; i < variants.size(); i++) {
            progress.report(Progress.Phase.TEST, variants.get(i), i, variants.size() + 1);
            String fault = awaitFault(options.forcing(Set.of(variants.get(i))), probes, null);
            if (fault != null) {
                dropped.add(variants.get(i) + ": " + fault);
            }
        }
        progress.report(Progress.Phase.TEST, "plain kernels", variants.size(), variants.size() + 1);
        List<String> untested = new ArrayList<>();
        KnownAnswer answer = awaitKnownAnswer(untested);
        String fault = awaitFault(without(options, names(dropped)), probes, answer);
        if (fault != null && !plain && options.teams() != Teams.SINGLE) {
            dropped.add(WORKGROUPS + ": " + fault);
            fault = awaitFault(without(options, names(dropped)), probes, answer);
        }
        if (fault != null) {
            throw new CremaException(ErrorCode.DEVICE_UNAVAILABLE, "This GPU computes wrong (" + fault + ").",
                "Update the browser and the graphics driver; until then use another device.");
        }
        return new SelfTestReport(false, dropped, untested, (clock.nanos() - start) / 1_000_000);
    }

    private KnownAnswer awaitKnownAnswer(List<String> untested) {
        try {
            return KnownAnswer.awaitOpen(knownModel);
        } catch (CremaException missing) {
            untested.add("No whole model was tried: " + missing.getMessage());
            return null;
        }
    }

    /** Opens a device of its own; an error of the device is a fault as well. */
    private static String awaitFault(WebGpuOptions options, List<Probe> probes, KnownAnswer answer) {
        try (WebGpuDevice device = WebGpuDevice.awaitOpen(options)) {
            for (Probe probe : probes) {
                String fault = probe.awaitFault(device);
                if (fault != null) {
                    return fault;
                }
            }
            return answer == null ? null : answer.awaitFault(device);
        } catch (CremaException error) {
            return error.getMessage();
        }
    }

    private static WebGpuOptions without(WebGpuOptions options, Set<String> dropped) {
        Set<String> excluded = new LinkedHashSet<>(options.excluded());
        excluded.addAll(dropped);
        return excluded.remove(WORKGROUPS) ? options.excluding(excluded).withTeams(Teams.SINGLE) : options.excluding(excluded);
    }

    private static Set<String> names(List<String> dropped) {
        Set<String> names = new LinkedHashSet<>();
        for (String entry : dropped) {
            names.add(entry.substring(0, entry.indexOf(": ")));
        }
        return names;
    }
}
