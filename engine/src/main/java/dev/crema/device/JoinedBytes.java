package dev.crema.device;

import java.util.ArrayList;
import java.util.List;

/** Several runs of bytes, one after the other. */
public final class JoinedBytes implements Bytes {
    private final List<Bytes> parts;
    private final long length;

    private JoinedBytes(List<Bytes> parts, long length) {
        this.parts = parts;
        this.length = length;
    }

    /** The parts in their order; a single one stays what it is, so that a device still knows it. */
    public static Bytes of(List<Bytes> parts) {
        long length = 0;
        for (Bytes part : parts) {
            length = Math.addExact(length, part.length());
        }
        return parts.size() == 1 ? parts.get(0) : new JoinedBytes(List.copyOf(parts), length);
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Bytes slice(long offset, long count) {
        check(offset, count);
        var within = new ArrayList<Bytes>();
        long start = 0;
        for (Bytes part : parts) {
            long from = Math.max(offset - start, 0);
            long to = Math.min(offset + count - start, part.length());
            if (from < to) {
                within.add(part.slice(from, to - from));
            }
            start += part.length();
        }
        return of(within);
    }

    @Override
    public void awaitRead(long position, byte[] target, int offset, int count) {
        check(position, count);
        long start = 0;
        for (Bytes part : parts) {
            long from = Math.max(position - start, 0);
            long to = Math.min(position + count - start, part.length());
            if (from < to) {
                part.awaitRead(from, target, offset + (int) (start + from - position), (int) (to - from));
            }
            start += part.length();
        }
    }

    private void check(long from, long count) {
        if (from < 0 || count < 0 || from > length || count > length - from) {
            throw new IndexOutOfBoundsException(count + " bytes from " + from + " of " + length);
        }
    }
}
