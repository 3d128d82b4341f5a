package dev.crema.build.lanes.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** How a block ends. */
public sealed interface End {
    /** A block, and the values that its parameters get. */
    record Target(int block, List<Value> args) {
        public Target {
            args = List.copyOf(args);
        }

        Target withArgs(UnaryOperator<Value> change) {
            return new Target(block, args.stream().map(change).toList());
        }
    }

    record Jump(Target target) implements End {
    }

    /** To {@code yes} where the condition, an i32, is not zero. */
    record Branch(Value condition, Target yes, Target no) implements End {
    }

    /** @param value null where the function has no result */
    record Return(Value value) implements End {
    }

    default List<Target> targets() {
        return switch (this) {
            case Jump(Target target) -> List.of(target);
            case Branch(Value condition, Target yes, Target no) -> List.of(yes, no);
            case Return(Value value) -> List.of();
        };
    }

    /** Values used, those passed on to blocks included. */
    default List<Value> uses() {
        List<Value> uses = new ArrayList<>();
        if (this instanceof Branch branch) {
            uses.add(branch.condition());
        } else if (this instanceof Return end && end.value() != null) {
            uses.add(end.value());
        }
        targets().forEach((Target target) -> uses.addAll(target.args()));
        return uses;
    }

    default End withTargets(UnaryOperator<Target> change) {
        return switch (this) {
            case Jump(Target target) -> new Jump(change.apply(target));
            case Branch(Value condition, Target yes, Target no) -> new Branch(condition, change.apply(yes), change.apply(no));
            case Return end -> end;
        };
    }

    default End withUses(UnaryOperator<Value> change) {
        End end = withTargets((Target target) -> target.withArgs(change));
        return switch (end) {
            case Jump jump -> jump;
            case Branch(Value condition, Target yes, Target no) -> new Branch(change.apply(condition), yes, no);
            case Return(Value value) -> new Return(value == null ? null : change.apply(value));
        };
    }
}
