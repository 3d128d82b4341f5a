package dev.crema.testing;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;
import dev.crema.web.wasm.KernelHost;
import org.teavm.jso.typedarrays.Uint8Array;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The kernels of the Wasm device as the plain Java that they are written in: slow, and the same in every detail but speed. Parts of a kernel run
 * one after the other, in a random-looking order.
 */
public class JvmKernels implements KernelHost {
    private static final List<Method> KERNELS = find();
    private static final int GROWTH_BYTES = 1 << 20;

    private final int threads;
    private final long maxBytes;
    private MemorySegment memory = MemorySegment.ofArray(new long[RESERVED_BYTES / 8]);
    private boolean closed;

    public JvmKernels(int threads, long maxBytes) {
        this.threads = threads;
        this.maxBytes = maxBytes;
    }

    private static List<Method> find() {
        var methods = new ArrayList<Method>();
        try {
            var place = Path.of(dev.crema.kernels.MatMul.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                addFrom(place.resolve("dev/crema/kernels"), methods);
            } else {
                try (var jar = FileSystems.newFileSystem(place)) {
                    addFrom(jar.getPath("dev/crema/kernels"), methods);
                }
            }
        } catch (ReflectiveOperationException | IOException | java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        methods.sort(Comparator.comparing(JvmKernels::name));
        return methods;
    }

    private static void addFrom(Path folder, List<Method> methods) throws IOException, ReflectiveOperationException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (name.equals("package-info")) {
                    continue;
                }
                for (Method method : Class.forName("dev.crema.kernels." + name).getDeclaredMethods()) {
                    if (method.isAnnotationPresent(Kernel.class)) {
                        methods.add(method);
                    }
                }
            }
        }
    }

    private static String name(Method method) {
        String type = method.getDeclaringClass().getSimpleName();
        return Character.toLowerCase(type.charAt(0)) + type.substring(1) + "_" + method.getName();
    }

    @Override
    public boolean wide() {
        return false;
    }

    @Override
    public boolean awaitWiden() {
        return false;
    }

    @Override
    public String name() {
        return "kernels as plain Java";
    }

    @Override
    public List<String> features() {
        return List.of();
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public boolean grow(long bytes) {
        if (bytes > maxBytes) {
            return false;
        }
        if (bytes > memory.byteSize()) {
            MemorySegment larger = MemorySegment.ofArray(new long[(int) ((bytes + GROWTH_BYTES) / 8)]);
            larger.copyFrom(memory);
            memory = larger;
        }
        return true;
    }

    @Override
    public long maxBytes() {
        return maxBytes;
    }

    @Override
    public int kernel(String name) {
        for (int i = 0; i < KERNELS.size(); i++) {
            if (name(KERNELS.get(i)).equals(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void run(int program, int count, int scratch, int scratchBytes) {
        Memory.use(memory);
        for (int i = 0; i < count; i++) {
            Method kernel = KERNELS.get(memory.get(ValueLayout.JAVA_INT, at(program + 8 * i)));
            int args = memory.get(ValueLayout.JAVA_INT, at(program + 8 * i + 4));
            for (int thread = 0; thread < threads; thread++) {
                int part = (thread + i) % threads;
                invoke(kernel, args, part, scratch + part * scratchBytes);
            }
        }
    }

    private void invoke(Method kernel, int args, int part, int scratch) {
        try {
            kernel.invoke(null, args, part, threads, scratch);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(name(kernel) + " failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long at(int address) {
        return Integer.toUnsignedLong(address);
    }

    @Override
    public void writeInts(int address, int[] values, int count) {
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_INT, at(address), count);
    }

    @Override
    public void writeFloats(int address, float[] values, int count) {
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, at(address), count);
    }

    @Override
    public void writeBytes(long address, byte[] values, int count) {
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_BYTE, address, count);
    }

    @Override
    public void write(long address, Uint8Array chunk, int from, int count) {
        throw new UnsupportedOperationException("there are no chunks of JavaScript here");
    }

    @Override
    public int[] readInts(int address, int count) {
        return memory.asSlice(at(address), 4L * count).toArray(ValueLayout.JAVA_INT);
    }

    @Override
    public float[] readFloats(int address, int count) {
        return memory.asSlice(at(address), 4L * count).toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public byte[] readBytes(int address, int count) {
        return memory.asSlice(at(address), count).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        closed = true;
        memory = MemorySegment.NULL;
    }

    public boolean isClosed() {
        return closed;
    }
}
