package dev.crema.jvm.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory for repacked weights: on Linux in pages of 2 MB where the system grants them to those who ask (transparent huge pages). A core that reads
 * from beginning to end looks up an address at each page, and its prefetching ends there; and pages come from the system by the thousand.
 *
 * <p>System calls need native access ({@code --enable-native-access}). Without it the JVM would print a warning, so then the memory is the JVM's.
 */
final class WeightMemory {
    private static final long HUGE_PAGE = 2 << 20;
    // Linux's values, the same on all processors that the Vector API knows.
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MADV_HUGEPAGE = 14;

    private WeightMemory() { }

    /** {@code bytes} zeros, aligned to 64, that live as long as the arena. */
    static MemorySegment allocate(long bytes, Arena arena) {
        boolean asks = bytes >= HUGE_PAGE && System.getProperty("os.name").equals("Linux") && WeightMemory.class.getModule().isNativeAccessEnabled();
        MemorySegment huge = asks ? map(bytes, arena) : null;
        return huge != null ? huge : arena.allocate(bytes, 64);
    }

    /** Null where the system has none to give. */
    private static MemorySegment map(long bytes, Arena arena) {
        long size = (bytes + 2 * HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE; // So that whole pages can begin at a multiple of their size.
        try {
            long start = (long) call("mmap", ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG).invokeExact(0L, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
            if (start == -1) {
                return null;
            }
            MemorySegment all = MemorySegment.ofAddress(start).reinterpret(size, arena, WeightMemory::unmap);
            int refused = (int) call("madvise", ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT)
                .invokeExact(start, size, MADV_HUGEPAGE); // A kernel without them refuses; then these are pages of the usual size.
            assert refused <= 0;
            return all.asSlice((start + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE - start, bytes);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static void unmap(MemorySegment all) {
        try {
            int failed = (int) call("munmap", ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG).invokeExact(all.address(), all.byteSize());
            assert failed == 0;
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    private static RuntimeException rethrown(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }
}
