package dev.crema.build.lanes.ir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The printed form. Values and blocks are numbered as they come, so that what a pass leaves as it was prints as before. */
public final class Printer {
    private final Map<Integer, Integer> values = new HashMap<>();
    private final Map<Integer, Integer> blocks = new HashMap<>();
    private final StringBuilder out = new StringBuilder();

    private Printer() {
    }

    public static String print(Function function) {
        Printer printer = new Printer();
        printer.function(function);
        return printer.out.toString();
    }

    private void function(Function function) {
        function.params().forEach(this::number);
        for (Block block : function.blocks()) {
            blocks.put(block.id(), blocks.size());
            block.params().forEach(this::number);
            block.body().stream().filter((Inst inst) -> inst.result() != null).forEach((Inst inst) -> number(inst.result()));
        }
        out.append("function ").append(function.key()).append(typed(function.params()));
        out.append(function.result() == null ? "" : " -> " + function.result()).append(function.export() == null ? "" : " export " + function.export()).append("\n");
        for (Block block : function.blocks()) {
            out.append("b").append(blocks.get(block.id())).append(block.params().isEmpty() ? "" : typed(block.params())).append(":\n");
            for (Inst inst : block.body()) {
                out.append("    ").append(inst.result() == null ? "" : name(inst.result()) + " = ").append(inst.op().name()).append(inst.imm());
                out.append(inst.args().isEmpty() ? "" : " " + names(inst.args())).append("\n");
            }
            out.append("    ").append(end(block.end())).append("\n");
        }
    }

    private void number(Value value) {
        values.put(value.id(), values.size());
    }

    private String name(Value value) {
        return "%" + values.getOrDefault(value.id(), -1);
    }

    private String names(List<Value> list) {
        return list.stream().map(this::name).collect(Collectors.joining(" "));
    }

    private String typed(List<Value> list) {
        return list.stream().map((Value value) -> name(value) + ": " + value.type()).collect(Collectors.joining(", ", "(", ")"));
    }

    private String end(End end) {
        return switch (end) {
            case End.Jump(End.Target target) -> "jump " + target(target);
            case End.Branch(Value condition, End.Target yes, End.Target no) -> "branch " + name(condition) + " " + target(yes) + " " + target(no);
            case End.Return(Value value) -> value == null ? "return" : "return " + name(value);
        };
    }

    private String target(End.Target target) {
        return "b" + blocks.getOrDefault(target.block(), -1) + (target.args().isEmpty() ? "" : "(" + names(target.args()) + ")");
    }
}
