package dev.crema.web.device;

import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUCommandEncoder;
import dev.crema.web.gpu.GPUDevice;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights that one kernel reads together, put one after the other into buffers of their own when a graph is compiled. They take the
 * place of the originals, one after the other, so that memory is short of one of them at most; a graph that wants an original again gets a copy.
 */
final class JoinedWeights {
    /** A join of weights of one format and row length: one after the other, or of two the same rows of both in each part. */
    private record Key(List<Weight> weights, boolean paired) { }

    /** Rows of a weight. */
    private record Piece(Weight weight, int from, int rows) { }

    private record Copy(GPUBuffer left, long leftAt, GPUBuffer right, long rightAt, long bytes) { }

    private final GPUDevice device;
    private final DeviceState state;
    private final WeightStore store;
    private final Map<Key, GpuWeight> joined = new LinkedHashMap<>();
    private final Map<List<Object>, GPUBuffer> biases = new HashMap<>();

    JoinedWeights(GPUDevice device, DeviceState state, WeightStore store) {
        this.device = device;
        this.state = state;
        this.store = store;
    }

    /** Joins what the ops of the graph can read together. */
    void awaitJoin(Graph graph) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Project project && project.linears().size() > 1) {
                for (List<Weight> run : runs(project.linears())) {
                    if (run.size() > 1) {
                        awaitJoin(new Key(run, false));
                    }
                }
            } else if (op instanceof Op.GatedProject gated) {
                List<List<Weight>> runs = runs(List.of(gated.gate(), gated.up()));
                if (runs.size() == 1) {
                    awaitJoin(new Key(runs.get(0), true));
                }
            }
        }
    }

    /** Neighbours of one format. */
    private static List<List<Weight>> runs(List<Op.Linear> linears) {
        List<List<Weight>> runs = new ArrayList<>();
        DType format = null;
        for (Op.Linear linear : linears) {
            Weight weight = linear.weight();
            if (weight.dtype() != format) {
                runs.add(new ArrayList<>());
                format = weight.dtype();
            }
            runs.get(runs.size() - 1).add(weight);
        }
        return runs;
    }

    private void awaitJoin(Key key) {
        if (joined.containsKey(key)) {
            return;
        }
        for (Weight weight : key.weights) {
            // Says so where one is missing, before anything is allocated.
            store.original(weight);
        }
        Weight whole = whole(key.weights);
        if (key.paired && store.mostRows(whole) < 2) {
            return;
        }
        GpuWeight target = awaitAllocated(whole, key.paired ? 2 : 1);
        List<Copy> copies = copies(key, target);
        if (!aligned(copies)) {
            target.free();
            return;
        }
        copy(copies, true);
        joined.put(key, target);
        for (Weight weight : key.weights) {
            store.release(weight);
        }
        // The originals' memory comes back only when the copies are done.
        state.awaitDone();
    }

    private static Weight whole(List<Weight> weights) {
        int rows = 0;
        var names = new StringBuilder();
        for (Weight weight : weights) {
            rows = Math.addExact(rows, weight.shape().extent(0));
            names.append(names.isEmpty() ? "" : " + ").append(weight.name());
        }
        return new Weight(names.toString(), weights.get(0).dtype(), Shape.of(rows, weights.get(0).shape().last()));
    }

    private GpuWeight awaitAllocated(Weight whole, int unit) {
        long before = store.memory().bytes();
        state.beginAllocation();
        GpuWeight target = GpuWeight.allocate(whole, store.memory(), store.mostRows(whole), unit);
        try {
            state.awaitAllocated("joined weights", store.memory().bytes() - before);
        } catch (RuntimeException failure) {
            target.free();
            throw failure;
        }
        return target;
    }

    /** Which rows stand where in the joined weight. */
    private static List<Piece> pieces(Key key, GpuWeight target) {
        List<Piece> pieces = new ArrayList<>();
        if (key.paired) {
            for (GpuWeight.Part part : target.parts()) {
                for (Weight weight : key.weights) {
                    pieces.add(new Piece(weight, part.firstRow() / 2, part.rows() / 2));
                }
            }
        } else {
            for (Weight weight : key.weights) {
                pieces.add(new Piece(weight, 0, weight.shape().extent(0)));
            }
        }
        return pieces;
    }

    /** From the originals (left) to the joined weight (right), part by part. */
    private List<Copy> copies(Key key, GpuWeight target) {
        List<Copy> copies = new ArrayList<>();
        int to = 0;
        for (Piece piece : pieces(key, target)) {
            to = addCopies(copies, piece, store.original(piece.weight), target, to);
        }
        return copies;
    }

    private static int addCopies(List<Copy> copies, Piece piece, GpuWeight source, GpuWeight target, int to) {
        long rowBytes = target.rowBytes();
        int from = piece.from;
        int end = piece.from + piece.rows;
        while (from < end) {
            GpuWeight.Part left = source.partOf(from);
            GpuWeight.Part right = target.partOf(to);
            int rows = Math.min(end - from, Math.min(left.end() - from, right.end() - to));
            copies.add(new Copy(left.buffer(), (from - left.firstRow()) * rowBytes, right.buffer(), (to - right.firstRow()) * rowBytes, rows * rowBytes));
            from += rows;
            to += rows;
        }
        return to;
    }

    /** Whether WebGPU can copy so. An end need not be aligned: what is copied beyond it is overwritten or is padding. */
    private static boolean aligned(List<Copy> copies) {
        for (Copy copy : copies) {
            if (copy.leftAt % 4 != 0 || copy.rightAt % 4 != 0) {
                return false;
            }
        }
        return true;
    }

    private void copy(List<Copy> copies, boolean toRight) {
        GPUCommandEncoder encoder = device.createCommandEncoder();
        for (Copy copy : copies) {
            long bytes = (copy.bytes + 3) / 4 * 4;
            if (toRight) {
                encoder.copyBufferToBuffer(copy.left, copy.leftAt, copy.right, copy.rightAt, bytes);
            } else {
                encoder.copyBufferToBuffer(copy.right, copy.rightAt, copy.left, copy.leftAt, bytes);
            }
        }
        device.getQueue().submit(encoder.finish());
    }

    /** The weights as they can be read, in order: joined ones in one. */
    List<GpuWeight> find(List<Op.Linear> linears) {
        List<GpuWeight> found = new ArrayList<>();
        for (List<Weight> run : runs(linears)) {
            GpuWeight whole = joined.get(new Key(run, false));
            if (whole != null) {
                found.add(whole);
            } else {
                for (Weight weight : run) {
                    found.add(store.get(weight));
                }
            }
        }
        return found;
    }

    /** Parts of as many rows of {@code gate} as of {@code up}, or null where they are not joined. */
    GpuWeight paired(Weight gate, Weight up) {
        return joined.get(new Key(List.of(gate, up), true));
    }

    /** The biases in the order of the rows of {@code paired}, or one after the other where it is null; null where there are none. */
    GPUBuffer bias(List<Op.Linear> linears, GpuWeight paired) {
        List<Object> key = new ArrayList<>(linears);
        key.add(paired);
        boolean none = true;
        int rows = 0;
        for (Op.Linear linear : linears) {
            none &= linear.bias() == null;
            rows += linear.features();
        }
        if (none) {
            return null;
        }
        if (linears.size() == 1) {
            return store.get(linears.get(0).bias()).parts().get(0).buffer();
        }
        GPUBuffer known = biases.get(key);
        if (known != null) {
            return known;
        }
        GPUBuffer target = store.memory().storage("joined biases", 4L * rows);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        int to = 0;
        int parts = paired == null ? 1 : paired.parts().size();
        for (int part = 0; part < parts; part++) {
            for (Op.Linear linear : linears) {
                int from = paired == null ? 0 : paired.parts().get(part).firstRow() / 2;
                int count = paired == null ? linear.features() : paired.parts().get(part).rows() / 2;
                if (linear.bias() != null) {
                    encoder.copyBufferToBuffer(store.get(linear.bias()).parts().get(0).buffer(), 4L * from, target, 4L * to, 4L * count);
                }
                to += count;
            }
        }
        device.getQueue().submit(encoder.finish());
        biases.put(key, target);
        return target;
    }

    /** A copy of a weight that is only in a join any more, or null where it is in none. */
    GpuWeight restore(Weight weight) {
        for (Map.Entry<Key, GpuWeight> entry : joined.entrySet()) {
            if (entry.getKey().weights.contains(weight)) {
                GpuWeight original = GpuWeight.allocate(weight, store.memory(), store.mostRows(weight), 1);
                List<Copy> copies = new ArrayList<>();
                int to = 0;
                for (Piece piece : pieces(entry.getKey(), entry.getValue())) {
                    if (piece.weight.equals(weight)) {
                        addCopies(copies, piece, original, entry.getValue(), to);
                    }
                    to += piece.rows;
                }
                copy(copies, false);
                return original;
            }
        }
        return null;
    }

    /** The weight has new contents: joins with it are void, and what else is in them gets buffers of its own again. */
    void forget(Weight weight) {
        for (Key key : List.copyOf(joined.keySet())) {
            if (key.weights.contains(weight)) {
                for (Weight other : key.weights) {
                    if (!other.equals(weight)) {
                        store.original(other);
                    }
                }
                joined.remove(key).free();
            }
        }
        for (List<Object> key : List.copyOf(biases.keySet())) {
            for (Object part : key) {
                if (part instanceof Op.Linear linear && weight.name().equals(linear.bias() == null ? "" : linear.bias().name())) {
                    store.memory().free(biases.remove(key));
                    break;
                }
            }
        }
    }

    void clear() {
        joined.clear();
        biases.clear();
    }
}
