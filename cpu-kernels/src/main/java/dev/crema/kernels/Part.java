package dev.crema.kernels;

/** How work is cut into parts. */
final class Part {
    private Part() { }

    /** The first of n items that {@code part} has; it ends where the next part begins. */
    static int begin(int n, int part, int parts) {
        return (int) ((long) n * part / parts);
    }
}
