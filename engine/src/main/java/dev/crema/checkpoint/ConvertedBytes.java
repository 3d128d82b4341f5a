package dev.crema.checkpoint;

import dev.crema.device.Bytes;

/**
 * A tensor in a format that devices have, made of another one while it is read: nothing is converted that nobody reads, and no more is in memory than
 * is being read. Either block by block, where so many bytes of the source become so many here, or as a whole, which is then kept until
 * its last byte was read.
 */
final class ConvertedBytes implements Bytes {
    /** Blocks converted at a time. */
    private static final int RUN_BYTES = 1 << 18;

    /** Turns {@code blocks} blocks at the beginning of {@code source} into blocks of {@code target}. */
    interface BlockMaker {
        void make(byte[] source, byte[] target, int blocks);
    }

    /** Makes the whole tensor; may suspend. */
    interface TensorMaker {
        byte[] awaitMake();
    }

    private interface Reader {
        void awaitRead(long position, byte[] target, int offset, int length);
    }

    private final Reader reader;
    private final long start;
    private final long length;

    private ConvertedBytes(Reader reader, long start, long length) {
        this.reader = reader;
        this.start = start;
        this.length = length;
    }

    static ConvertedBytes blocks(Bytes source, int sourceBytes, int targetBytes, BlockMaker maker) {
        long blocks = source.length() / sourceBytes;
        return new ConvertedBytes((position, target, offset, length) -> {
            int run = Math.max(1, RUN_BYTES / targetBytes);
            for (long at = position; at < position + length;) {
                long first = at / targetBytes;
                int count = (int) Math.min(run, Math.min(blocks, (position + length + targetBytes - 1) / targetBytes) - first);
                byte[] in = new byte[count * sourceBytes];
                byte[] out = new byte[count * targetBytes];
                source.awaitRead(first * sourceBytes, in, 0, in.length);
                maker.make(in, out, count);
                int skipped = (int) (at - first * targetBytes);
                int copied = (int) Math.min(out.length - skipped, position + length - at);
                System.arraycopy(out, skipped, target, offset + (int) (at - position), copied);
                at += copied;
            }
        }, 0, blocks * targetBytes);
    }

    static ConvertedBytes whole(int bytes, TensorMaker maker) {
        return new ConvertedBytes(new Whole(bytes, maker), 0, bytes);
    }

    private static final class Whole implements Reader {
        private final int bytes;
        private final TensorMaker maker;
        private byte[] made;

        Whole(int bytes, TensorMaker maker) {
            this.bytes = bytes;
            this.maker = maker;
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int length) {
            byte[] tensor = awaitTensor();
            System.arraycopy(tensor, (int) position, target, offset, length);
            if (position + length == bytes) {
                keep(null);
            }
        }

        /** Threads that read at once may make it twice; each sees a whole one. */
        private byte[] awaitTensor() {
            byte[] tensor = kept();
            if (tensor == null) {
                tensor = maker.awaitMake();
                keep(tensor);
            }
            return tensor;
        }

        private synchronized byte[] kept() {
            return made;
        }

        private synchronized void keep(byte[] tensor) {
            made = tensor;
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Bytes slice(long offset, long count) {
        check(offset, count);
        return new ConvertedBytes(reader, start + offset, count);
    }

    @Override
    public void awaitRead(long position, byte[] target, int offset, int count) {
        check(position, count);
        if (offset < 0 || offset > target.length - count) {
            throw new IndexOutOfBoundsException(count + " bytes do not fit into " + target.length + " at " + offset);
        }
        if (count > 0) {
            reader.awaitRead(start + position, target, offset, count);
        }
    }

    private void check(long from, long count) {
        if (from < 0 || count < 0 || from > length - count) {
            throw new IndexOutOfBoundsException(count + " bytes at " + from + " of " + length);
        }
    }
}
