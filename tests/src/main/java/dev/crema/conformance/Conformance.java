package dev.crema.conformance;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Device;

import java.util.ArrayList;
import java.util.List;

/** The suite: all cases, and what can be done with them. */
public final class Conformance {
    /** Makes the device under test; may suspend. */
    public interface DeviceFactory {
        Device awaitDevice();
    }

    /** Hears of each case that ran. */
    public interface Reporter {
        void passed(Case passed, Difference difference);

        /** The device does not support it; {@code reason} says why. */
        void skipped(Case skipped, String reason);

        void failed(Case failed, RuntimeException error);
    }

    /** Cases counted by outcome. */
    public record Summary(int passed, int skipped, int failed) { }

    /** Weights of so many cases may stay on a device before a new one is taken. */
    private static final int CASES_A_DEVICE = 150;

    private Conformance() { }

    /** Every case, in the order in which they are best read. */
    public static List<Case> all() {
        var list = new CaseList();
        RowCases.addTo(list);
        MatMulCases.addTo(list);
        BlockFormatCases.addTo(list);
        ExpertCases.addTo(list);
        ProjectCases.addTo(list);
        AttentionCases.addTo(list);
        RotaryCases.addTo(list);
        SampleCases.addTo(list);
        GraphCases.addTo(list);
        FamilyCases.addTo(list);
        InvariantCases.addTo(list);
        return list.cases;
    }

    /** Cases whose name matches one of the comma-separated {@code patterns}, where {@code *} stands for any run of characters. */
    public static List<Case> matching(String patterns) {
        return matching(all(), patterns);
    }

    private static List<Case> matching(List<Case> cases, String patterns) {
        var matching = new ArrayList<Case>();
        for (Case candidate : cases) {
            for (String pattern : patterns.split(",")) {
                if (matches(pattern, 0, candidate.name(), 0)) {
                    matching.add(candidate);
                    break;
                }
            }
        }
        return matching;
    }

    private static boolean matches(String pattern, int p, String name, int n) {
        if (p == pattern.length()) {
            return n == name.length();
        }
        if (pattern.charAt(p) == '*') {
            for (int end = n; end <= name.length(); end++) {
                if (matches(pattern, p + 1, name, end)) {
                    return true;
                }
            }
            return false;
        }
        return n < name.length() && pattern.charAt(p) == name.charAt(n) && matches(pattern, p + 1, name, n + 1);
    }

    /** Checks the matching cases one after the other. */
    public static Summary awaitRun(DeviceFactory factory, String patterns, Reporter reporter) {
        int passed = 0;
        int skipped = 0;
        int failed = 0;
        int used = 0;
        Device device = null;
        try {
            for (Case next : matching(patterns)) {
                if (device == null || used++ == CASES_A_DEVICE) {
                    close(device);
                    device = factory.awaitDevice();
                    used = 0;
                }
                try {
                    String reason = next.unsupported(device);
                    if (reason != null) {
                        skipped++;
                        reporter.skipped(next, reason);
                    } else {
                        Difference difference = next.awaitCheck(device);
                        passed++;
                        reporter.passed(next, difference);
                    }
                } catch (RuntimeException e) {
                    if (isRefusal(e)) {
                        skipped++;
                        reporter.skipped(next, e.getMessage());
                    } else {
                        failed++;
                        reporter.failed(next, e);
                    }
                }
            }
        } finally {
            close(device);
        }
        return new Summary(passed, skipped, failed);
    }

    /** A device may refuse a graph that it can't compile; the caller counts that against a budget. */
    public static boolean isRefusal(RuntimeException e) {
        return e instanceof CremaException crema && crema.code() == ErrorCode.UNSUPPORTED_MODEL;
    }

    /** Measures the matching op cases, {@link SpeedCases} among them: {@code name  seconds  GB/s  GFLOP/s}, a line each. */
    public static String awaitBench(Device device, String patterns, Clock clock, int millis) {
        var text = new StringBuilder();
        List<Case> cases = new ArrayList<>(SpeedCases.all());
        cases.addAll(all());
        for (Case next : matching(cases, patterns)) {
            if (next instanceof OpCase op && op.unsupported(device) == null) {
                OpCase.Speed speed = op.awaitBench(device, clock, millis);
                text.append(op.name()).append("  ").append(rounded(speed.seconds() * 1e6)).append(" us  ")
                    .append(rounded(speed.gigabytesPerSecond())).append(" GB/s  ").append(rounded(speed.gigaflopsPerSecond())).append(" GFLOP/s\n");
            }
        }
        return text.toString();
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    private static void close(Device device) {
        if (device != null) {
            device.close();
        }
    }
}
