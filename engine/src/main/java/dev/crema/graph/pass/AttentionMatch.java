package dev.crema.graph.pass;

import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Attention with all that leads to it: the projections to q, k and v of the same rows, norms of the heads, rotation. It becomes one
 * {@link Op.Project} and one {@link Op.RotaryAttention}.
 */
final class AttentionMatch implements Fusion.Match {
    /** From a projection to what attention reads; {@code rope} and {@code norm} may be null. */
    private record Branch(Op.MatMul projection, Op.RmsNorm norm, Op.Rope rope) {
        static Branch of(Value value, int headDim, Uses uses) {
            Op.Rope rope = uses.only(Op.Rope.class, value, 1);
            Value unturned = rope == null ? value : rope.x();
            Op.RmsNorm norm = uses.only(Op.RmsNorm.class, unturned, 1);
            if (norm != null && norm.weight().shape().last() != headDim) {
                return null;
            }
            Op.MatMul projection = uses.only(Op.MatMul.class, norm == null ? unturned : norm.x(), 1);
            return projection == null || rope != null && rope.headDim() != headDim ? null : new Branch(projection, norm, rope);
        }

        RopeTable table() {
            return rope == null ? null : rope.table();
        }

        Weight factors() {
            return rope == null ? null : rope.factors();
        }

        Op.PreNorm headNorm() {
            return norm == null ? null : new Op.PreNorm(norm.weight(), norm.eps());
        }

        void addInner(List<Value> values) {
            values.add(projection.out());
            if (norm != null) {
                values.add(norm.out());
            }
            if (rope != null) {
                values.add(rope.out());
            }
        }
    }

    private final Op.Attention op;
    private final Branch q;
    private final Branch k;
    private final Branch v;
    private final ProjectionMatch.Source source;

    private AttentionMatch(Op.Attention op, Branch q, Branch k, Branch v, ProjectionMatch.Source source) {
        this.op = op;
        this.q = q;
        this.k = k;
        this.v = v;
        this.source = source;
    }

    /** Null where the attention is fed otherwise. */
    static AttentionMatch of(Op.Attention op, Uses uses) {
        Branch q = Branch.of(op.q(), op.headDim(), uses);
        Branch k = Branch.of(op.k(), op.headDim(), uses);
        Branch v = Branch.of(op.v(), op.headDim(), uses);
        boolean whole = q != null && k != null && v != null && v.norm == null && v.rope == null;
        if (!whole || !q.projection.x().equals(k.projection.x()) || !q.projection.x().equals(v.projection.x())
                || !Objects.equals(q.table(), k.table()) || !Objects.equals(q.factors(), k.factors())) {
            return null;
        }
        return new AttentionMatch(op, q, k, v, ProjectionMatch.Source.of(q.projection.x(), 3, uses));
    }

    @Override
    public List<Value> inner() {
        List<Value> values = new ArrayList<>(source.inner());
        q.addInner(values);
        k.addInner(values);
        v.addInner(values);
        return values;
    }

    @Override
    public Value emit(Renamed renamed) {
        List<Op.Linear> linears = List.of(ProjectionMatch.linear(q.projection), ProjectionMatch.linear(k.projection),
            ProjectionMatch.linear(v.projection));
        String name = op.out().name();
        Value qkv = renamed.to.project(name + ".qkv", renamed.of(source.x()), source.norm(), linears, null, false);
        return renamed.to.rotaryAttention(name, qkv, new Op.RotaryAttention(qkv, q.headNorm(), k.headNorm(), q.table(), q.factors(), op.layer(),
            op.heads(), op.kvHeads(), op.headDim(), op.scale(), op.window(), op.softcap(), op.sinks(), op.out()));
    }
}
