package dev.crema.lanes;

/** What ends in Wasm with a trap, and what only a shared memory can do. */
final class TrapKernels {
    private TrapKernels() {
    }

    @Kernel
    static int load(int address) {
        return Memory.loadI32(address) + Memory.loadI32(address + 4);
    }

    @Kernel
    static int divide(int a, int b) {
        return a / b;
    }

    @Kernel
    static int waiting(int address, int expected, long nanos) {
        Memory.atomicStore(address, 5);
        return Memory.waitOn(address, expected, nanos) + 10 * Memory.notifyWaiters(address, 3);
    }
}
