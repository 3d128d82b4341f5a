package dev.crema.lanes;

/** Shapes of control flow as javac writes them, each with a result that says which way was taken. */
final class FlowKernels {
    private static final int LIMIT = 7;

    private FlowKernels() {
    }

    @Kernel
    static int nested(int a, int b) {
        int sum = 0;
        for (int i = 0; i < (a & 15); i++) {
            for (int j = i; j < (b & 15); j++) {
                if ((i ^ j) % 3 == 0) {
                    continue;
                }
                if (sum > 500) {
                    break;
                }
                sum += i * j + 1;
            }
            if (sum > 700) {
                return -sum;
            }
        }
        return sum;
    }

    @Kernel
    static int outerBreak(int a, int b) {
        int count = 0;
        outer:
        for (int i = 0; i < LIMIT; i++) {
            int j = 0;
            do {
                if (i * j == (a & 31)) {
                    break outer;
                }
                if ((j & i) == 4) {
                    continue outer;
                }
                count++;
                j++;
            } while (j < (b & 7));
        }
        return count;
    }

    @Kernel
    static int shortCircuit(int a, int b) {
        boolean both = a > 0 && b > 0 || a < -b && (b & 1) == 0;
        int result = both ? 1 : 2;
        if (!(a > 3 && b < 5) || both && a != b) {
            result += 4;
        }
        return both == (a > b) ? result : result + 8;
    }

    @Kernel
    static int swap(int a, int b) {
        int x = a;
        int y = b;
        for (int i = 0; i < (a & 7) + 1; i++) {
            int t = x;
            x = y;
            y = t;
        }
        return x * 31 + y;
    }

    @Kernel
    static int fibonacci(int a, int b) {
        int previous = 0;
        int current = 1;
        int n = a & 31;
        while (true) {
            if (n-- == 0) {
                return previous;
            }
            int next = previous + current;
            previous = current;
            current = next;
        }
    }

    @Kernel
    static int choose(int a, int b) {
        int result = switch (a & 7) {
            case 0, 3 -> b;
            case 1 -> b + 10;
            case 5 -> {
                int x = b * b;
                yield x > 100 ? x : -x;
            }
            default -> -1;
        };
        switch (b) {
            case 1000, -70000:
                result++;
            case 3:
                result += 2;
                break;
            default:
                result ^= 1;
        }
        return result;
    }

    @Kernel
    static int divide(int a, int b) {
        int d = b == 0 ? 1 : b;
        return a / d * 7 + a % d + a / 3 + a / -1 + (a >> b) + (a << b) + (a >>> b) + (byte) a + (short) b + (char) a;
    }

    @Kernel
    static long longs(long a, long b) {
        long d = b == 0 ? 1 : b;
        long sum = a / d + a % d * 3 + (a << (int) b) + (a >> 3) + (a >>> (int) (b & 5)) + (a & b | a ^ b);
        for (long i = a & 7; i >= 0; i -= 2) {
            sum += i > (b & 3) ? i : -i;
        }
        return sum & 0xfffffffffffffL;
    }

    @Kernel
    static float floats(float a, float b) {
        float result = 0;
        if (a < b) {
            result += 1;
        }
        if (!(a < b)) {
            result += 2;
        }
        if (a <= b) {
            result += 4;
        }
        if (!(a >= b)) {
            result += 8;
        }
        if (a > b || a == 0) {
            result += 16;
        }
        if (a != b) {
            result += 32;
        }
        while (result > a) {
            result -= Math.max(Math.abs(a), 33.5f);
        }
        return result + Math.min(a, b);
    }

    @Kernel
    static double doubles(double a, double b) {
        double sum = Math.floor(a) + Math.ceil(b) * Math.rint(a) - Math.abs(b);
        return a > b ? sum / (a - b) : -sum + (long) a + (int) b;
    }

    @Kernel
    static float converted(float a, float b) {
        int whole = (int) a;
        long large = (long) b;
        return whole / 2f + (float) Math.sqrt(Math.abs(a)) + (float) Math.floor(b) + (float) (large >> 1) + Float.intBitsToFloat(Float.floatToRawIntBits(a) ^ 1 << 31);
    }

    @Kernel
    static int calls(int a, int b) {
        return twice(a) + power(b & 15, a & 3) + (isSmall(a) ? 1 : 0) + (isSmall(b) && !isSmall(a) ? 100 : 0);
    }

    private static int twice(int x) {
        return Math.max(x, -x) << 1;
    }

    private static boolean isSmall(int x) {
        return x > -10 && x < 10;
    }

    /** Calls itself, so it stays a function. */
    private static int power(int base, int exponent) {
        return exponent == 0 ? 1 : base * power(base, exponent - 1);
    }

    @Kernel
    static int memory(int a, int b) {
        int at = 64 + (a & 255) * 4;
        Memory.storeI32(at, b);
        int before = Memory.loadI32(at + 4) + Memory.loadU8(at + 1);
        Memory.storeI16(at + 4, a);
        Memory.storeI8(at + 6, b);
        int after = Memory.loadI32(at + 4);
        Memory.copy(at + 16, at, 12);
        Memory.fill(at + 32, b, a & 7);
        Memory.storeI64(at + 40L, Memory.loadI64(at) * 3);
        return before * 3 + after + Memory.loadI16(at) + Memory.loadU16(at + 4L) + Memory.loadI8(at + 6);
    }

    @Kernel
    static int readBeforeWrite(int a, int b) {
        int at = 4096;
        int sum = 0;
        for (int i = 0; i < (a & 15); i++) {
            int old = Memory.loadI32(at);
            Memory.storeI32(at, old + b + i);
            sum += old;
        }
        return sum;
    }

    @Kernel
    static float halves(int a, int b) {
        Memory.storeF16(128, Float.intBitsToFloat(a));
        Memory.storeI16(130, b & 0x7bff);
        return Memory.loadF16(130) + Memory.loadU16(128);
    }

    @Kernel
    static int atomics(int a, int b) {
        Memory.atomicStore(256, a);
        int old = Memory.atomicAdd(256, b);
        int exchanged = Memory.atomicCompareExchange(256, a + b, 77);
        return old + exchanged * 3 + Memory.atomicLoad(256) + Memory.notifyWaiters(256, 1);
    }

    /** An address below zero comes back into the memory by a sum that wraps; an offset of the access would not. */
    @Kernel
    static int wraps(int a, int b) {
        int at = -64 + (a & 31);
        int sum = 0;
        for (int i = 0; i < (b & 3); i++) {
            sum += Memory.loadI32(at + 64) * 3 + Memory.loadI32(at + 96 + i) + I32x4.load(at + 64 + (i << 2)).sum();
        }
        return sum + Memory.loadI32(at + 128);
    }
}
