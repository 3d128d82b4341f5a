package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.jvm.files.MappedBytes;
import dev.crema.tensor.DType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Brings the matrices of a weight into the layout of {@link Packed}, a group of rows a piece. What is mapped is read from its file instead, so
 * that the mapping takes no memory: a weight is resident once.
 */
final class Repacker implements Workers.Task {
    private final DType format;
    private final MemorySegment source;
    /** Null where the source is a copy that is read itself. */
    private final MappedBytes.Reader file;
    private final MemorySegment target;
    private final int rows;
    private final int columns;
    private final int groups;
    private final MemorySegment[] buffers;

    private Repacker(Weight weight, MemorySegment source, MappedBytes.Reader file, MemorySegment target, MemorySegment[] buffers) {
        this.source = source;
        this.file = file;
        this.target = target;
        this.buffers = buffers;
        format = weight.dtype();
        rows = rows(weight);
        columns = weight.shape().last();
        groups = Packed.groups(rows);
    }

    /** Whether the weight is one matrix or several of a format that gains by it, with enough rows to fill a group. */
    static boolean isWanted(Weight weight) {
        return Packed.supports(weight.dtype()) && weight.shape().rank() > 1 && rows(weight) >= Packed.ROWS;
    }

    /** Matrices that stand one after the other are packed each by itself. {@code file} is where the source is mapped from, or null; {@code target} has {@link #bytes}. */
    static void pack(Weight weight, MemorySegment source, MappedBytes file, MemorySegment target, Workers workers) {
        try (Arena temporary = Arena.ofShared(); MappedBytes.Reader reader = file == null ? null : file.open()) {
            var buffers = new MemorySegment[workers.count()];
            for (int i = 0; i < buffers.length && file != null; i++) {
                buffers[i] = temporary.allocate(Packed.ROWS * weight.dtype().bytes(weight.shape().last()));
            }
            var task = new Repacker(weight, source, reader, target, buffers);
            workers.run(matrices(weight) * task.groups, task);
        }
    }

    /** What the weight takes when it is packed. */
    static long bytes(Weight weight) {
        return matrices(weight) * Packed.bytes(weight.dtype(), rows(weight), weight.shape().last());
    }

    private static int matrices(Weight weight) {
        return (int) (weight.shape().elements() / ((long) rows(weight) * weight.shape().last()));
    }

    private static int rows(Weight weight) {
        return weight.shape().extent(weight.shape().rank() - 2);
    }

    @Override
    public void run(int piece, int thread) {
        long matrix = piece / groups;
        int first = piece % groups * Packed.ROWS;
        int count = Math.min(Packed.ROWS, rows - first);
        long rowBytes = format.bytes(columns);
        long from = (matrix * rows + first) * rowBytes;
        MemorySegment group = source;
        if (file != null) {
            file.read(from, buffers[thread].asSlice(0, count * rowBytes));
            group = buffers[thread];
            from = 0;
        }
        // As many columns of all rows as the first cache holds of the target.
        for (int column = 0; column < columns; column += Packed.SUPER_BLOCK) {
            int some = Math.min(Packed.SUPER_BLOCK, columns - column);
            int lane = 0;
            for (; FourRows.supports(format) && lane + FourRows.COUNT <= count; lane += FourRows.COUNT) {
                FourRows.pack(format, group, from + lane * rowBytes, rowBytes, columns, column, some, target, piece * Packed.groupBytes(format, columns), lane);
            }
            for (; lane < count; lane++) {
                Packed.put(format, group, from + lane * rowBytes, columns, column, some, target, piece * Packed.groupBytes(format, columns), lane);
            }
        }
    }
}
