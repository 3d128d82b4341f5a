package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;

class LanesTest {
    @Test
    void everyLaneIsAddedOnce() {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            float[] one = new float[Lanes.COUNT];
            one[lane] = 3;
            assertEquals(3, Lanes.sum(FloatVector.fromArray(Lanes.F, one, 0)), "lane " + lane);
        }
    }

    /** Cold code runs in the interpreter, hot code is C2's: both must round alike, or a token depends on when the JVM compiles. */
    @Test
    void interpretedAndCompiledSumsHaveTheSameBits() {
        var random = new Random(11);
        float[][] vectors = new float[200][Lanes.COUNT];
        int[] cold = new int[vectors.length];
        for (int i = 0; i < vectors.length; i++) {
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                vectors[i][lane] = (random.nextFloat() - 0.5f) * (1 << random.nextInt(20));
            }
            cold[i] = Float.floatToIntBits(Lanes.sum(FloatVector.fromArray(Lanes.F, vectors[i], 0)));
        }
        for (int round = 0; round < 500; round++) {
            for (int i = 0; i < vectors.length; i++) {
                assertEquals(cold[i], Float.floatToIntBits(Lanes.sum(FloatVector.fromArray(Lanes.F, vectors[i], 0))), "vector " + i);
            }
        }
    }
}
