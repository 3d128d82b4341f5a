package dev.crema.graph.pass;

import dev.crema.graph.Op;
import dev.crema.graph.Value;

import java.util.ArrayList;
import java.util.List;

/** Mat-muls with what stands before and after them. */
final class ProjectionMatch {
    private ProjectionMatch() { }

    /** {@code activation(gate) * up} of two mat-muls of the same rows. */
    static Fusion.Match gated(Op.Gated op, Uses uses) {
        Op.MatMul gate = uses.only(Op.MatMul.class, op.gate(), 1);
        Op.MatMul up = uses.only(Op.MatMul.class, op.up(), 1);
        if (gate == null || up == null || !gate.x().equals(up.x())) {
            return null;
        }
        var source = Source.of(gate.x(), 2, uses);
        return new Match(source.inner(gate, up), renamed -> renamed.to.gatedProject(op.out().name(), renamed.of(source.x), source.norm(),
            linear(gate), linear(up), op.activation()));
    }

    /** A mat-mul whose result is added to something; {@code taken} values belong to other groups already. */
    static Fusion.Match residual(Op.Add op, Uses uses, List<Value> taken) {
        Op.MatMul matMul = uses.only(Op.MatMul.class, op.b(), 1);
        boolean second = matMul != null && !taken.contains(matMul.out());
        if (!second) {
            matMul = uses.only(Op.MatMul.class, op.a(), 1);
        }
        if (matMul == null || taken.contains(matMul.out())) {
            return null;
        }
        Op.MatMul projection = matMul;
        Value residual = second ? op.a() : op.b();
        var source = Source.of(projection.x(), 1, uses);
        return new Match(source.inner(projection), renamed -> renamed.to.project(op.out().name(), renamed.of(source.x), source.norm(),
            List.of(linear(projection)), renamed.of(residual), false));
    }

    /** A mat-mul with a norm before it, and the selection of rows before that; null where there is neither. */
    static Fusion.Match alone(Op.MatMul op, Uses uses) {
        var source = Source.of(op.x(), 1, uses);
        Op.SelectRows select = uses.only(Op.SelectRows.class, source.x, 1);
        if (source.before == null && select == null) {
            return null;
        }
        List<Value> inner = new ArrayList<>(source.inner());
        if (select != null) {
            inner.add(select.out());
        }
        Value x = select == null ? source.x : select.x();
        return new Match(inner, renamed -> renamed.to.project(op.out().name(), renamed.of(x), source.norm(), List.of(linear(op)), null,
            select != null));
    }

    static Op.Linear linear(Op.MatMul op) {
        return new Op.Linear(op.weight(), op.bias());
    }

    /** What a group of mat-muls reads: x, or the norm of x. */
    record Source(Value x, Op.RmsNorm before) {
        /** For a group that has {@code readers} readings of {@code value}: its norm goes with the group where nobody else reads it. */
        static Source of(Value value, int readers, Uses uses) {
            Op.RmsNorm norm = uses.norm(value, readers);
            return norm == null ? new Source(value, null) : new Source(norm.x(), norm);
        }

        Op.PreNorm norm() {
            return before == null ? null : new Op.PreNorm(before.weight(), before.eps());
        }

        /** Values that disappear with the group: of the norm and of {@code ops}. */
        List<Value> inner(Op... ops) {
            List<Value> inner = new ArrayList<>();
            if (before != null) {
                inner.add(before.out());
            }
            for (Op op : ops) {
                inner.add(op.out());
            }
            return inner;
        }
    }

    private interface Emitter {
        Value emit(Renamed renamed);
    }

    private record Match(List<Value> inner, Emitter emitter) implements Fusion.Match {
        @Override
        public Value emit(Renamed renamed) {
            return emitter.emit(renamed);
        }
    }
}
