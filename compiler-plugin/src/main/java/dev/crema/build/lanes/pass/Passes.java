package dev.crema.build.lanes.pass;

import dev.crema.build.BuildProblem;
import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The passes in their order. Each is a pure function of a function's intermediate representation. */
public final class Passes {
    /** Larger functions are called, where more than one place calls them. */
    private static final int MOST_INLINED = 300;
    /** Rounds of the simplifying passes: each can give the others something to do. */
    private static final int ROUNDS = 3;

    private Passes() {
    }

    /** Kernels and what they call, inlined and simplified: what {@link Lower} takes. Functions that nothing calls any more are left out. */
    public static List<Function> optimise(List<Function> program) {
        Map<String, Function> all = new LinkedHashMap<>();
        program.forEach((Function function) -> all.put(function.key(), function));
        Map<String, Integer> sites = new HashMap<>();
        program.forEach((Function function) -> callees(function).forEach((String key) -> sites.merge(key, 1, Integer::sum)));
        Map<String, Function> done = new HashMap<>();
        for (Function function : program) {
            optimise(function.key(), all, sites, done, new HashSet<>());
        }
        return needed(program, done);
    }

    /** Callees first; one that is open already calls itself, and stays a call. */
    private static void optimise(String key, Map<String, Function> all, Map<String, Integer> sites, Map<String, Function> done, Set<String> open) {
        if (done.containsKey(key) || !open.add(key)) {
            return;
        }
        Function function = all.get(key);
        callees(function).forEach((String callee) -> optimise(callee, all, sites, done, open));
        open.remove(key);
        if (!new Cfg(function).reducible()) {
            throw new BuildProblem("lanes: " + function.place() + " has a loop with two entries: compile the kernels with javac");
        }
        Function inlined = Inline.run(Params.run(function), done, (Function callee) -> callee.size() <= MOST_INLINED || sites.get(callee.key()) == 1);
        done.put(key, simplify(inlined));
    }

    private static List<String> callees(Function function) {
        List<String> keys = new ArrayList<>();
        for (Block block : function.blocks()) {
            for (Inst inst : block.body()) {
                if (inst.imm() instanceof Imm.Callee(String key)) {
                    keys.add(key);
                }
            }
        }
        return keys;
    }

    private static List<Function> needed(List<Function> program, Map<String, Function> done) {
        Set<String> needed = new HashSet<>();
        List<String> open = new ArrayList<>(program.stream().filter((Function function) -> function.export() != null).map(Function::key).toList());
        while (!open.isEmpty()) {
            String key = open.removeLast();
            if (needed.add(key)) {
                open.addAll(callees(done.get(key)));
            }
        }
        return program.stream().map(Function::key).filter(needed::contains).map(done::get).toList();
    }

    static Function simplify(Function function) {
        Function at = function;
        for (int round = 0; round < ROUNDS; round++) {
            at = Dead.run(Flow.run(Common.apply(Fold.apply(Params.run(at)))));
        }
        return Common.apply(Hoist.run(at));
    }

    /** The function with the instructions that a module's features have, and offsets in its accesses. */
    public static Function lower(Function function, boolean relaxed, boolean wide) {
        Function sized = Lower.apply(function, relaxed, wide);
        Function lowered = Dead.run(Common.apply(Fold.apply(wide ? sized : Narrow.run(sized))));
        return Dead.run(Common.apply(Hoist.run(Offsets.apply(lowered))));
    }
}
