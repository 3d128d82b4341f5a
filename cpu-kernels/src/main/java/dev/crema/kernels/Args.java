package dev.crema.kernels;

import dev.crema.lanes.Memory;

/** Operands of a kernel, by their place. */
final class Args {
    private Args() { }

    static int word(int args, int index) {
        return Memory.loadI32(args + 4 * index);
    }

    /** The address of a weight, which stands in units of 64 bytes and may be beyond 4 GB. */
    static long weight(int args, int index) {
        return (word(args, index) & 0xffffffffL) << 6;
    }

    static float number(int args, int index) {
        return Memory.loadF32(args + 4 * index);
    }

    /** What stands at the address that is the operand. */
    static int at(int args, int index) {
        return Memory.loadI32(Memory.loadI32(args + 4 * index));
    }
}
