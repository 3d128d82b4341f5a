package dev.crema.checkpoint;

import dev.crema.device.Bytes;

/**
 * A tensor in a format that devices have, made of another one while it is read: nothing is converted that nobody reads, and no more is in memory than
 * is being read. Either block by block, where so many bytes of the source become so many here, in runs of rows, or as a whole, which is then kept until
 * its last byte was read.
 */
final class ConvertedBytes implements Bytes {
    /** Blocks converted at a time. */
    private static final int RUN_BYTES = 1 << 18;

    /** Turns {@code blocks} blocks at the beginning of {@code source} into blocks of {@code target}. */
    interface BlockMaker {
        void make(byte[] source, byte[] target, int blocks);
    }

    /** Makes {@code count} rows, of which {@code first} is the first, at the beginning of {@code target}; may suspend. */
    interface RowMaker {
        void awaitMake(long first, int count, byte[] target);
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

    /** Row by row, as many at a time as are worth it; what was made last is kept, since reads may be of less than that. */
    static ConvertedBytes rows(long rows, int rowBytes, RowMaker maker) {
        return new ConvertedBytes(new Rows(rows, rowBytes, maker), 0, rows * rowBytes);
    }

    private static final class Rows implements Reader {
        private record Run(long start, byte[] bytes) { }

        private static final Run NONE = new Run(0, new byte[0]);

        private final long rows;
        private final int rowBytes;
        private final RowMaker maker;
        private volatile Run last = NONE;

        Rows(long rows, int rowBytes, RowMaker maker) {
            this.rows = rows;
            this.rowBytes = rowBytes;
            this.maker = maker;
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int length) {
            for (long at = position; at < position + length;) {
                Run run = last;
                if (at < run.start || at >= run.start + run.bytes.length) {
                    long first = at / rowBytes;
                    int count = (int) Math.min(Math.max(1, RUN_BYTES / rowBytes), rows - first);
                    run = new Run(first * rowBytes, new byte[count * rowBytes]);
                    maker.awaitMake(first, count, run.bytes);
                    last = run;
                }
                int skipped = (int) (at - run.start);
                int copied = (int) Math.min(run.bytes.length - skipped, position + length - at);
                System.arraycopy(run.bytes, skipped, target, offset + (int) (at - position), copied);
                at += copied;
            }
            if (position + length == rows * rowBytes) {
                last = NONE;
            }
        }
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
