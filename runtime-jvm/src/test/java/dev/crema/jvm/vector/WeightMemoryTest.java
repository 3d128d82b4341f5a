package dev.crema.jvm.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class WeightMemoryTest {
    private static final long LARGE = 1L << 30;

    @Test
    void isZeroAndAligned() {
        for (long bytes : List.of(0L, 64L, (2L << 20) - 64, 2L << 20, (5L << 20) + 64)) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment memory = WeightMemory.allocate(bytes, arena);
                assertEquals(bytes, memory.byteSize());
                assertEquals(0, memory.address() % 64);
                assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[(int) bytes])), bytes + " bytes");
                memory.fill((byte) 7);
                for (long at = 0; at < bytes; at += 64) {
                    assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, at));
                }
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void goesBackWithItsArena() throws IOException {
        assertTrue(WeightMemory.class.getModule().isNativeAccessEnabled(), "tests run with native access");
        long before = mappedBytes();
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = WeightMemory.allocate(LARGE, arena);
            memory.set(ValueLayout.JAVA_BYTE, LARGE - 1, (byte) 1);
            assertTrue(mappedBytes() >= before + LARGE);
        }
        assertTrue(mappedBytes() < before + LARGE);
        MemorySegment gone = memory;
        assertThrows(IllegalStateException.class, () -> gone.get(ValueLayout.JAVA_BYTE, 0));
    }

    private static long mappedBytes() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[0]) * 4096;
    }
}
