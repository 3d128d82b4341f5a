package dev.crema.jvm.bench;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.CountDownLatch;

/**
 * How fast threads read memory: the bound of decoding, which reads every weight once a token. Each thread adds up a part of its own of a buffer that
 * no cache holds, in four sums, so that the loads are what it waits for.
 */
public final class MemoryBandwidth {
    /** Far beyond any cache; read in slices by all threads. */
    private static final long BUFFER_BYTES = 512L << 20;
    /** A thread reads pieces of this size, so that a compiled loop is entered early. */
    private static final long PIECE_BYTES = 1 << 20;
    private static final VectorSpecies<Long> LANES = LongVector.SPECIES_PREFERRED;
    private static final long STEP_BYTES = 4L * LANES.vectorByteSize();

    private MemoryBandwidth() { }

    /** Bytes a second that {@code threads} threads read together: the best of {@code rounds} passes over the buffer. */
    public static double awaitMeasure(int threads, int rounds) {
        double best = 0;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate(BUFFER_BYTES, 64);
            // A page that nobody wrote is everywhere the same page of zeros.
            buffer.fill((byte) 1);
            for (int round = 0; round < rounds; round++) {
                best = Math.max(best, BUFFER_BYTES / (awaitPass(buffer, threads) * 1e-9));
            }
        }
        return best;
    }

    /** Nanoseconds that all threads together take to read the buffer once. */
    private static long awaitPass(MemorySegment buffer, int threads) {
        var ready = new CountDownLatch(threads);
        var start = new CountDownLatch(1);
        var sums = new long[threads];
        var workers = new Thread[threads];
        long share = BUFFER_BYTES / threads / PIECE_BYTES * PIECE_BYTES;
        for (int i = 0; i < threads; i++) {
            int number = i;
            long from = number * share;
            long to = number == threads - 1 ? BUFFER_BYTES : from + share;
            workers[i] = Thread.ofPlatform().daemon().start(() -> {
                ready.countDown();
                awaitQuietly(start);
                sums[number] = sum(buffer, from, to);
            });
        }
        awaitQuietly(ready);
        long began = System.nanoTime();
        start.countDown();
        for (Thread worker : workers) {
            joinQuietly(worker);
        }
        long nanos = System.nanoTime() - began;
        long sum = 0;
        for (long each : sums) {
            sum += each;
        }
        if (sum != BUFFER_BYTES / Long.BYTES * 0x0101010101010101L) {
            throw new IllegalStateException("the sum of what was read is wrong");
        }
        return nanos;
    }

    private static long sum(MemorySegment buffer, long from, long to) {
        long sum = 0;
        for (long at = from; at < to; at += PIECE_BYTES) {
            sum += piece(buffer, at);
        }
        return sum;
    }

    private static long piece(MemorySegment buffer, long from) {
        int lanes = LANES.vectorByteSize();
        LongVector sum0 = LongVector.zero(LANES);
        LongVector sum1 = sum0;
        LongVector sum2 = sum0;
        LongVector sum3 = sum0;
        for (long at = from; at < from + PIECE_BYTES; at += STEP_BYTES) {
            sum0 = sum0.add(load(buffer, at));
            sum1 = sum1.add(load(buffer, at + lanes));
            sum2 = sum2.add(load(buffer, at + 2L * lanes));
            sum3 = sum3.add(load(buffer, at + 3L * lanes));
        }
        LongVector all = sum0.add(sum1).add(sum2.add(sum3));
        long sum = 0;
        for (int lane = 0; lane < LANES.length(); lane++) {
            sum += all.lane(lane);
        }
        return sum;
    }

    private static LongVector load(MemorySegment buffer, long at) {
        return LongVector.fromMemorySegment(LANES, buffer, at, ByteOrder.nativeOrder());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }
}
