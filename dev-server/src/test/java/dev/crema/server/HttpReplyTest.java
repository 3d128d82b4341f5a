package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.engine.RequestControl;
import org.junit.jupiter.api.Test;

class HttpReplyTest {
    @Test
    void aSlowReaderHoldsItsGenerationAndNoMore() {
        var control = new RequestControl(0, null);
        var reply = new HttpReply(control, Limits.DEFAULT, stats -> { });
        String chunk = "x".repeat(1 << 12);
        long sent = 0;
        while (!control.isHeld()) {
            reply.chunk(chunk);
            sent += chunk.length();
            assertTrue(sent <= HttpReply.HOLD_BYTES + chunk.length(), "the queue has no bound");
        }
        assertTrue(sent > HttpReply.HOLD_BYTES);
        assertFalse(control.isCancelled());
    }

    @Test
    void knowsThisMachinesNames() {
        for (String name : new String[] {"localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"}) {
            assertTrue(LoopbackOnly.isLoopback(name), name);
        }
        for (String name : new String[] {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1", ""}) {
            assertFalse(LoopbackOnly.isLoopback(name), name);
        }
    }

    @Test
    void readsRanges() {
        assertEquals(new ByteRange(0, 9), ByteRange.parse("bytes=0-9", 100));
        assertEquals(new ByteRange(90, 99), ByteRange.parse("bytes=-10", 100));
        assertEquals(ByteRange.UNSATISFIABLE, ByteRange.parse("bytes=0-", 0));
        assertEquals(null, ByteRange.parse(null, 100));
    }
}
