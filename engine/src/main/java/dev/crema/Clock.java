package dev.crema;

/** Time, passed in so that tests can set it. */
public interface Clock {
    /** Nanoseconds from an arbitrary start, never going back. */
    long nanos();

    /** Milliseconds since 1970-01-01 UTC. */
    long epochMillis();

    Clock SYSTEM = new Clock() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    };
}
