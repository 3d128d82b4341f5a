package dev.crema.web.wasm;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A list of kernels with their operands, which is written to the memory once and run by every step. */
final class Program {
    private final KernelHost host;
    private final Region region;
    private final List<int[]> calls = new ArrayList<>();
    /** Of calls whose operands stand elsewhere: where. */
    private final Map<int[], Integer> places = new IdentityHashMap<>();
    private int address;

    Program(KernelHost host, Region region) {
        this.host = host;
        this.region = region;
    }

    /** Adds a kernel; floats are passed as {@code Float.floatToRawIntBits}. */
    void add(String kernel, int... operands) {
        int number = host.kernel(kernel);
        if (number < 0) {
            throw new IllegalArgumentException("there is no kernel " + kernel);
        }
        int[] call = new int[1 + operands.length];
        call[0] = number;
        System.arraycopy(operands, 0, call, 1, operands.length);
        calls.add(call);
    }

    /** Adds a kernel whose operands stand elsewhere. */
    void addAt(String kernel, int operands) {
        add(kernel);
        places.put(calls.get(calls.size() - 1), operands);
    }

    int size() {
        return calls.size();
    }

    /** Writes what was added. */
    void finish() {
        int words = 2 * calls.size();
        for (int[] call : calls) {
            words += call.length - 1;
        }
        address = region.take(4L * Math.max(1, words), "a program");
        int[] text = new int[words];
        int operands = 2 * calls.size();
        for (int i = 0; i < calls.size(); i++) {
            int[] call = calls.get(i);
            text[2 * i] = call[0];
            text[2 * i + 1] = places.getOrDefault(call, address + 4 * operands);
            System.arraycopy(call, 1, text, operands, call.length - 1);
            operands += call.length - 1;
        }
        host.writeInts(address, text, words);
    }

    int address() {
        return address;
    }

    /** Runs all of it. */
    void run(Scratch scratch) {
        host.run(address, calls.size(), scratch.address(), scratch.threadBytes());
    }
}
