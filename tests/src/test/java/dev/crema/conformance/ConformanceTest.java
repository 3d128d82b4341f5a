package dev.crema.conformance;

import dev.crema.CremaException;
import dev.crema.conformance.FaultyDevice.Fault;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The suite itself: its names, its patterns, and that it finds what is wrong with a device. */
class ConformanceTest {
    private static final String FEW = "kernels/*_c33,kernels/embed/f16/*,kernels/attention/forks,kernels/sample/*/v257,graphs/llama/f32,invariants/*";

    private final List<String> failures = new ArrayList<>();
    private final List<String> skips = new ArrayList<>();

    private Conformance.Summary run(Fault fault) {
        return Conformance.awaitRun(() -> new FaultyDevice(fault), FEW, new Conformance.Reporter() {
            @Override
            public void passed(Case passed, Difference difference) { }

            @Override
            public void skipped(Case skipped, String reason) {
                skips.add(skipped.name() + ": " + reason);
            }

            @Override
            public void failed(Case failed, RuntimeException error) {
                assertTrue(error instanceof Mismatch || error instanceof CremaException, () -> failed.name() + ": " + error);
                failures.add(error.getMessage());
            }
        });
    }

    private void finds(Fault fault, String words) {
        failures.clear();
        Conformance.Summary summary = run(fault);
        assertEquals(summary.failed(), failures.size());
        assertTrue(failures.stream().anyMatch(message -> message.contains(words)), fault + " gave " + failures);
    }

    @Test
    void everyFaultIsFoundAndSaidInNumbers() {
        assertEquals(0, run(Fault.NONE).failed());
        finds(Fault.DROPS_LAST_CHANNEL, "out has nmse ");
        finds(Fault.GIVES_NAN, "found NaN");
        finds(Fault.WRITES_BEYOND_BATCH, "was written beyond the batch: element ");
        finds(Fault.DRAWS_WRONG_TOKEN, ", expected ");
        finds(Fault.FORGETS_LOGITS_FLAG, " logits, expected ");
        finds(Fault.LEAKS_PAGES, "pages leak: ");
    }

    @Test
    void whatADeviceLacksIsSkippedWithAReason() {
        Conformance.Summary summary = run(Fault.HAS_ONLY_F32);
        assertEquals(0, summary.failed());
        assertEquals(summary.skipped(), skips.size());
        assertTrue(skips.contains("kernels/embed/f16/rows65_v1000_c33: no F16 weights"), skips::toString);
    }

    @Test
    void namesAreUniqueAndPatternsPick() {
        var names = new HashSet<String>();
        var groups = new TreeMap<String, Integer>();
        for (Case next : Conformance.all()) {
            assertTrue(names.add(next.name()), next.name());
            String[] path = next.name().split("/");
            groups.merge(path[0].equals("kernels") ? path[1] : path[0], 1, Integer::sum);
        }
        for (String op : List.of("add", "attention", "embed", "expertMatMul", "expertSum", "gated", "matMul", "rmsNorm", "rope", "route", "sample", "selectRows", "graphs", "invariants")) {
            assertTrue(groups.getOrDefault(op, 0) >= 8, groups::toString);
        }
        assertEquals(1, Conformance.matching("kernels/rmsNorm/f32/rows3_c257").size());
        assertEquals(groups.get("rope"), Conformance.matching("kernels/rope/*").size());
        assertEquals(groups.get("rope") + groups.get("add"), Conformance.matching("kernels/rope/*,*/add/*").size());
        assertEquals(0, Conformance.matching("rope").size());
    }
}
