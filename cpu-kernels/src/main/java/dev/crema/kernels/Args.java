package dev.crema.kernels;

import dev.crema.lanes.Memory;

/** Operands of a kernel, by their place. */
final class Args {
    private Args() { }

    static int word(int args, int index) {
        return Memory.loadI32(args + 4 * index);
    }

    static float number(int args, int index) {
        return Memory.loadF32(args + 4 * index);
    }

    /** What stands at the address that is the operand. */
    static int at(int args, int index) {
        return Memory.loadI32(Memory.loadI32(args + 4 * index));
    }
}
