package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.graph.Op;
import jdk.incubator.vector.FloatVector;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/** Rotary position embedding; cosines and sines of a batch come from {@link Angles}, which all layers share. */
final class RopeKernel extends RowKernel {
    private final float[] x;
    private final float[] out;
    private final int headDim;
    private final boolean interleaved;
    private final Angles angles;

    RopeKernel(Op.Rope op, Angles angles, float[] x, float[] out) {
        super(op.out());
        this.x = x;
        this.out = out;
        this.angles = angles;
        headDim = op.headDim();
        interleaved = op.table().interleaved();
    }

    @Override
    public int prepare(FlatBatch batch) {
        angles.prepare(batch);
        return super.prepare(batch);
    }

    @Override
    void rows(int from, int to) {
        int rotary = 2 * angles.pairs;
        for (int row = from; row < to; row++) {
            for (int head = row * channels; head < (row + 1) * channels; head += headDim) {
                if (interleaved) {
                    neighbours(head, row * angles.pairs);
                } else {
                    halves(head, row * angles.pairs);
                }
                System.arraycopy(x, head + rotary, out, head + rotary, headDim - rotary);
            }
        }
    }

    private void halves(int head, int angle) {
        int pairs = angles.pairs;
        int i = 0;
        for (; i <= pairs - COUNT; i += COUNT) {
            FloatVector a = FloatVector.fromArray(F, x, head + i);
            FloatVector b = FloatVector.fromArray(F, x, head + pairs + i);
            FloatVector cos = FloatVector.fromArray(F, angles.cos, angle + i);
            FloatVector sin = FloatVector.fromArray(F, angles.sin, angle + i);
            a.mul(cos).sub(b.mul(sin)).intoArray(out, head + i);
            a.mul(sin).add(b.mul(cos)).intoArray(out, head + pairs + i);
        }
        for (; i < pairs; i++) {
            turn(head + i, head + pairs + i, angle + i);
        }
    }

    private void neighbours(int head, int angle) {
        for (int i = 0; i < angles.pairs; i++) {
            turn(head + 2 * i, head + 2 * i + 1, angle + i);
        }
    }

    private void turn(int first, int second, int angle) {
        float a = x[first];
        float b = x[second];
        out[first] = a * angles.cos[angle] - b * angles.sin[angle];
        out[second] = a * angles.sin[angle] + b * angles.cos[angle];
    }
}
