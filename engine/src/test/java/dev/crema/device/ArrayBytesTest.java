package dev.crema.device;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ArrayBytesTest {
    private final ArrayBytes bytes = new ArrayBytes(new byte[] {0, 1, 2, 3, 4, 5, 6, 7});

    @Test
    void slicesOfSlicesReadTheirOwnBytes() {
        ArrayBytes part = bytes.slice(2, 5).slice(1, 3);
        assertEquals(3, part.length());
        assertEquals(3, part.offset());
        var target = new byte[4];
        part.awaitRead(1, target, 1, 2);
        assertArrayEquals(new byte[] {0, 4, 5, 0}, target);
        assertEquals(0, bytes.slice(8, 0).length());
    }

    @Test
    void rangesOutsideAreRefused() {
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(7, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(-1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(1, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(Long.MAX_VALUE, Long.MAX_VALUE));
        assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(2, 3).awaitRead(2, new byte[8], 0, 2));
    }
}
