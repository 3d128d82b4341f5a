package dev.crema.checkpoint;

import com.sun.management.ThreadMXBean;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.engine.ModelLoader;
import dev.crema.jvm.synth.SyntheticSpec;

import java.lang.management.ManagementFactory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

/** Opens files that may be damaged and holds what happens to the rules: a CremaException or a model, in little memory. */
final class Damaged {
    /** As small as a model can be, so that every prefix of its file can be tried. */
    static final SyntheticSpec SPEC = new SyntheticSpec("smallest", "llama", 32, 32, 1, 2, 1, 16, 300, true, null, 0, 64, 1e-5f, 9);

    /** A GGUF is read from a prefix of up to twice the file, and a vocabulary takes some ten times its bytes in Java. */
    private static final long MEMORY_BYTES = 24 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Damaged() { }

    /** The error of opening the files, or null where they open. Fails for any other exception and for much memory. */
    static CremaException open(ModelFiles files, String what) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            ModelLoader.awaitOpen(files, null, 0);
            return null;
        } catch (CremaException e) {
            assertNotNull(e.getMessage(), what);
            return e;
        } catch (Throwable e) {
            return fail(what + " ends in " + e, e);
        } finally {
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < MEMORY_BYTES, what + " takes " + allocated + " bytes");
        }
    }

    /** Asserts an error with this code whose message holds all of {@code parts}. */
    static void assertRefused(ErrorCode code, ModelFiles files, String... parts) {
        CremaException error = open(files, String.join(" ", parts));
        assertNotNull(error, "it opens, expected " + code + " " + String.join(" ", parts));
        assertEquals(code, error.code(), error.describe());
        for (String part : parts) {
            assertTrue(error.describe().contains(part), error.describe() + "\ndoes not say: " + part);
        }
    }
}
