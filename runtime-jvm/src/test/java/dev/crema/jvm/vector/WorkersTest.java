package dev.crema.jvm.vector;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class WorkersTest {
    @Test
    void everyPieceRunsExactlyOnceBeforeRunReturns() {
        try (var workers = new Workers(4)) {
            for (int round = 0; round < 20_000; round++) {
                int pieces = round % 13;
                var counts = new AtomicIntegerArray(13);
                workers.run(pieces, (piece, thread) -> {
                    assertTrue(thread >= 0 && thread < 4);
                    counts.incrementAndGet(piece);
                });
                for (int i = 0; i < 13; i++) {
                    assertEquals(i < pieces ? 1 : 0, counts.get(i), "round " + round + " piece " + i);
                }
            }
        }
    }

    @Test
    void threadsThatSleptTakePartAgain() {
        try (var workers = new Workers(3)) {
            for (int round = 0; round < 20; round++) {
                LockSupport.parkNanos(5_000_000);
                var threads = new AtomicIntegerArray(3);
                workers.run(60, (piece, thread) -> {
                    threads.incrementAndGet(thread);
                    LockSupport.parkNanos(200_000);
                });
                assertEquals(60, threads.get(0) + threads.get(1) + threads.get(2));
                assertTrue(threads.get(1) + threads.get(2) > 0, "nobody woke in round " + round);
            }
        }
    }

    @Test
    void anErrorOfAPieceReachesTheCallerAndTheThreadsLiveOn() {
        try (var workers = new Workers(3)) {
            var error = new IllegalStateException("piece 7");
            for (int round = 0; round < 50; round++) {
                assertSame(error, assertThrows(IllegalStateException.class, () -> workers.run(20, (piece, thread) -> {
                    if (piece == 7) {
                        throw error;
                    }
                })));
                var counts = new AtomicIntegerArray(1);
                workers.run(20, (piece, thread) -> counts.incrementAndGet(0));
                assertEquals(20, counts.get(0));
            }
        }
    }

    @Test
    void closingTwiceIsHarmless() {
        var workers = new Workers(3);
        workers.run(10, (piece, thread) -> { });
        workers.close();
        workers.close();
    }
}
