package dev.crema.device;

/** Bytes in a Java array, which is not copied. */
public final class ArrayBytes implements Bytes {
    private final byte[] array;
    private final int offset;
    private final int length;

    public ArrayBytes(byte[] array) {
        this(array, 0, array.length);
    }

    private ArrayBytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** The array that the bytes are a part of. */
    public byte[] array() {
        return array;
    }

    /** Where the bytes begin in {@link #array}. */
    public int offset() {
        return offset;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public ArrayBytes slice(long from, long count) {
        check(from, count);
        return new ArrayBytes(array, offset + (int) from, (int) count);
    }

    @Override
    public void awaitRead(long position, byte[] target, int targetOffset, int count) {
        check(position, count);
        System.arraycopy(array, offset + (int) position, target, targetOffset, count);
    }

    private void check(long from, long count) {
        if (from < 0 || count < 0 || from > length || count > length - from) {
            throw new IndexOutOfBoundsException(count + " bytes from " + from + " of " + length);
        }
    }
}
