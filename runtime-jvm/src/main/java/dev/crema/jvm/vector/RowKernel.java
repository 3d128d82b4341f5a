package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Activation;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import jdk.incubator.vector.FloatVector;

import java.util.Arrays;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/** Ops that treat each row alone: cut into runs of rows that are worth a thread. */
abstract class RowKernel implements Kernel {
    /** Elements below which waking another thread costs more than it saves. */
    private static final int PIECE_ELEMENTS = 8192;

    final Value value;
    final int channels;
    FlatBatch batch;
    private int rows;
    private int pieceRows;

    RowKernel(Value value) {
        this.value = value;
        channels = value.shape().rank() == 1 ? 1 : value.channels();
    }

    @Override
    public int prepare(FlatBatch batch) {
        this.batch = batch;
        rows = HostBuffers.rows(value, batch);
        pieceRows = Math.max(1, PIECE_ELEMENTS / channels);
        return (rows + pieceRows - 1) / pieceRows;
    }

    @Override
    public void run(int piece, int thread) {
        rows(piece * pieceRows, Math.min(rows, (piece + 1) * pieceRows));
    }

    /** Computes rows {@code from .. to-1}. */
    abstract void rows(int from, int to);

    static RowKernel embed(Value out, Matrix table, Op.Index index, float[] target) {
        return new RowKernel(out) {
            @Override
            void rows(int from, int to) {
                for (int row = from; row < to; row++) {
                    table.decode(batch.row(index, row), 0, channels, target, row * channels);
                }
            }
        };
    }

    static RowKernel select(Value out, float[] x, float[] target) {
        return new RowKernel(out) {
            @Override
            void rows(int from, int to) {
                for (int row = from; row < to; row++) {
                    System.arraycopy(x, batch.outputTokens[row] * channels, target, row * channels, channels);
                }
            }
        };
    }

    static RowKernel join(Op.Join op, float[] a, float[] b, float[] target) {
        int m = op.a().channels() / op.heads();
        int n = op.b().channels() / op.heads();
        return new RowKernel(op.out()) {
            @Override
            void rows(int from, int to) {
                for (int head = from * op.heads(); head < to * op.heads(); head++) {
                    System.arraycopy(a, head * m, target, head * (m + n), m);
                    System.arraycopy(b, head * n, target, head * (m + n) + m, n);
                }
            }
        };
    }

    static RowKernel expertSum(Value out, float[] x, float[] routes, int topK, float[] target) {
        return new RowKernel(out) {
            @Override
            void rows(int from, int to) {
                Arrays.fill(target, from * channels, to * channels, 0);
                for (int entry = from * topK; entry < to * topK; entry++) {
                    int row = entry / topK;
                    addScaled(x, entry * channels, routes[row * 2 * topK + topK + entry % topK], channels, target, row * channels);
                }
            }
        };
    }

    private static void addScaled(float[] x, int from, float scale, int n, float[] target, int to) {
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            FloatVector sum = FloatVector.fromArray(F, x, from + i).fma(FloatVector.broadcast(F, scale), FloatVector.fromArray(F, target, to + i));
            sum.intoArray(target, to + i);
        }
        for (; i < n; i++) {
            target[to + i] += scale * x[from + i];
        }
    }

    static RowKernel add(Value out, float[] a, float[] b, float[] target) {
        return new RowKernel(out) {
            @Override
            void rows(int from, int to) {
                add(a, b, target, from * channels, to * channels);
            }
        };
    }

    static void add(float[] a, float[] b, float[] target, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector.fromArray(F, a, i).add(FloatVector.fromArray(F, b, i)).intoArray(target, i);
        }
        for (; i < to; i++) {
            target[i] = a[i] + b[i];
        }
    }

    static RowKernel gated(Value out, Activation activation, float[] gate, float[] up, float[] target) {
        return new RowKernel(out) {
            @Override
            void rows(int from, int to) {
                Activations.gated(activation, gate, up, target, from * channels, to * channels);
            }
        };
    }

    static RowKernel activate(Op.Activate op, float[] x, float[] target) {
        return new RowKernel(op.out()) {
            @Override
            void rows(int from, int to) {
                Activations.scaled(op.activation(), x, op.inner(), op.outer(), target, from * channels, to * channels);
            }
        };
    }

    /** {@code weight} and {@code bias} may be null. */
    static RowKernel layerNorm(Op.LayerNorm op, float[] x, float[] weight, float[] bias, float[] target) {
        return new RowKernel(op.out()) {
            @Override
            void rows(int from, int to) {
                for (int row = from; row < to; row++) {
                    LayerNorm.row(x, row * channels, channels, weight, bias, op.eps(), target);
                }
            }
        };
    }

    static RowKernel rmsNorm(Value out, float[] x, float[] weight, float eps, float[] target) {
        return new RowKernel(out) {
            @Override
            void rows(int from, int to) {
                for (int group = from * channels; group < to * channels; group += weight.length) {
                    normalise(x, group, weight, eps, target);
                }
            }
        };
    }

    static void normalise(float[] x, int from, float[] weight, float eps, float[] target) {
        int n = weight.length;
        FloatVector squares = FloatVector.zero(F);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, x, from + i);
            squares = v.fma(v, squares);
        }
        float sum = Lanes.sum(squares);
        for (; i < n; i++) {
            sum += x[from + i] * x[from + i];
        }
        float scale = (float) (1 / Math.sqrt(sum / n + eps));
        for (i = 0; i <= n - COUNT; i += COUNT) {
            FloatVector.fromArray(F, x, from + i).mul(scale).mul(FloatVector.fromArray(F, weight, i)).intoArray(target, from + i);
        }
        for (; i < n; i++) {
            target[from + i] = x[from + i] * scale * weight[i];
        }
    }
}
