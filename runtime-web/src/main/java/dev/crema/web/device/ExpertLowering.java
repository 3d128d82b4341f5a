package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Op;
import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;

import java.util.HashMap;
import java.util.Map;

/**
 * Mixtures of experts. Which experts a row has is known on the GPU alone: kernels find the weights by the routes. With few rows each
 * pair of row and expert is a mat-vec; with many, the pairs are first listed expert by expert, so that weights are read once a tile.
 */
final class ExpertLowering {
    /** MOST_TAKEN of route.wgsl. */
    private static final int MOST_TAKEN = 128;

    /** The lists of one routing, in scratch that all routings of their size share. */
    private record Lists(GPUBuffer buffer, int entriesAt) { }

    private final Lowering to;
    private final Map<Value, Integer> expertsOf = new HashMap<>();
    private final Map<Long, GPUBuffer> scratch = new HashMap<>();
    /** Whose lists stand in the scratch at this place of the dispatch list. */
    private Value listed;

    ExpertLowering(Lowering to) {
        this.to = to;
    }

    void route(Op.Route op) {
        Routing routing = op.routing();
        int experts = op.scores().channels();
        if (routing.topK() > MOST_TAKEN) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model gives a token " + routing.topK() + " experts, and on WebGPU it has at most "
                + MOST_TAKEN + ".", "Choose another device.");
        }
        expertsOf.put(op.out(), experts);
        Kernels.Kernel kernel = to.kernels.get("route", Map.of("team", to.teams.variant));
        int at = to.params.add(Rows.of(op.out()).word, experts, routing.topK(), routing.scoring() == Scoring.SIGMOID ? 1 : 0,
            routing.normalise() ? 1 : 0, Float.floatToRawIntBits(routing.scale()), routing.groups(), routing.keptGroups(), routing.groupBest(),
            op.bias() == null ? 0 : 1);
        to.teams(kernel, to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.scores()), to.vector(op.bias())), op.out(), 1);
    }

    void matMul(Op.ExpertMatMul op) {
        GpuWeight weight = to.weights.get(op.weight());
        int experts = expertsOf.get(op.routes());
        int topK = op.routes().channels() / 2;
        int columns = weight.columns();
        int outputs = op.weight().shape().extent(1);
        Lists lists = lists(op.routes(), experts, topK);
        String input = columns % 4 == 0 ? "vec4" : "scalar";
        Kernels.Kernel vector = to.kernels.get("expert_mat_vec", Map.of("team", to.teams.variant, "input", input, "weight", weight.variant()));
        Kernels.Kernel tiled = to.kernels.get("expert_mat_mul", Map.of("input", input, "weight", weight.variant()));
        GPUBuffer bias = bias(op.bias());
        int entriesPerX = op.x().channels() == columns ? topK : 1;
        for (GpuWeight.Part part : weight.parts()) {
            int vectorAt = to.params.add(Rows.of(op.out()).word, topK, columns, outputs, part.firstRow(), part.rows(), biasFormat(op.bias()), entriesPerX);
            int tiledAt = to.params.add(columns, outputs, part.firstRow(), part.rows(), biasFormat(op.bias()), entriesPerX, lists.entriesAt);
            GPUBuffer out = to.buffers.of(op.out());
            GPUBuffer x = to.buffers.of(op.x());
            GPUBindGroup byRoutes = to.bind(vector, vectorAt, out, part.buffer(), x, bias, to.buffers.of(op.routes()));
            GPUBindGroup byLists = to.bind(tiled, tiledAt, out, part.buffer(), x, bias, lists.buffer);
            var shape = new ExpertDispatch.Shape(Rows.of(op.out()), topK, experts, to.teams);
            to.dispatches().add(new ExpertDispatch.MatMul(shape, vector, byRoutes, tiled, byLists, outputs));
        }
    }

    void sum(Op.ExpertSum op) {
        Kernels.Kernel kernel = to.kernels.get("expert_sum", Map.of());
        int at = to.params.add(Rows.of(op.out()).word, op.routes().channels() / 2, op.out().channels());
        GPUBindGroup group = to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.x()), to.buffers.of(op.routes()));
        to.invocations(kernel, group, op.out(), op.out().channels());
    }

    /** The lists of these routes; lists them where the scratch holds others. */
    private Lists lists(Value routes, int experts, int topK) {
        long entries = (long) to.buffers.maxRows(Rows.of(routes)) * topK;
        int entriesAt = (int) (ExpertDispatch.TILE_WORDS * ExpertDispatch.tiles(entries, experts));
        GPUBuffer buffer = scratch.computeIfAbsent(entriesAt + entries, to.buffers::lists);
        if (!routes.equals(listed)) {
            Kernels.Kernel kernel = to.kernels.get("expert_lists", Map.of("team", to.teams.variant));
            int at = to.params.add(Rows.of(routes).word, topK, experts, entriesAt);
            var shape = new ExpertDispatch.Shape(Rows.of(routes), topK, experts, to.teams);
            to.dispatches().add(new ExpertDispatch.Lists(shape, kernel, to.bind(kernel, at, buffer, to.buffers.of(routes))));
            listed = routes;
        }
        return new Lists(buffer, entriesAt);
    }

    private GPUBuffer bias(Weight bias) {
        if (bias != null && to.weights.get(bias).parts().size() > 1) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The bias " + bias + " is larger than what a kernel of this GPU reads.",
                "Choose another device.");
        }
        return to.vector(bias);
    }

    /** As expert_bias.wgsl numbers them. Stacked biases stay as they were in the file. */
    private static int biasFormat(Weight bias) {
        if (bias == null) {
            return 0;
        }
        return switch (bias.dtype()) {
            case F32 -> 1;
            case F16 -> 2;
            case BF16 -> 3;
            default -> throw new IllegalStateException("no kernel reads the bias " + bias);
        };
    }
}
