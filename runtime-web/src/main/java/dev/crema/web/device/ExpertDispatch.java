package dev.crema.web.device;

import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUComputePassEncoder;

/** Launches of the kernels that multiply with experts; their grids are bounds that hold whatever the routes are. */
final class ExpertDispatch {
    /** TILE_WORDS and EXPERT_TILE of expert_tiles.wgsl. */
    static final int TILE_WORDS = 3;
    private static final int EXPERT_TILE = 32;

    private ExpertDispatch() { }

    /** Tiles that {@code entries} of {@code experts} come to at most: each expert may leave its last one unfilled. */
    static long tiles(long entries, int experts) {
        return entries / EXPERT_TILE + experts;
    }

    /** What decides between the two ways to multiply. */
    record Shape(Rows rows, int topK, int experts, Teams teams) {
        /** Tiles pay where weights are read for two rows or more on average. */
        boolean byTiles(int count) {
            return count >= teams.tiledRows && (long) count * topK >= 2L * experts;
        }
    }

    /** Only where tiles are multiplied. */
    record Lists(Shape shape, Kernels.Kernel kernel, GPUBindGroup group) implements Dispatch {
        @Override
        public void encode(GPUComputePassEncoder pass, StepSize size) {
            int count = shape.rows.count(size);
            if (count > 0 && shape.byTiles(count)) {
                pass.setPipeline(kernel.pipeline);
                pass.setBindGroup(0, group);
                int perGroup = shape.teams.perGroup;
                Dispatch.dispatch(pass, (shape.experts + perGroup - 1) / perGroup, 1);
            }
        }
    }

    /** A mat-mul of {@code outputs} columns an expert. */
    record MatMul(Shape shape, Kernels.Kernel vector, GPUBindGroup byRoutes, Kernels.Kernel tiled, GPUBindGroup byLists, int outputs)
            implements Dispatch {
        private static final int TEAM_OUTPUTS = 4;
        private static final int TILED_OUTPUTS = 64;

        @Override
        public void encode(GPUComputePassEncoder pass, StepSize size) {
            int count = shape.rows.count(size);
            if (count == 0) {
                return;
            }
            int entries = count * shape.topK;
            if (shape.byTiles(count)) {
                pass.setPipeline(tiled.pipeline);
                pass.setBindGroup(0, byLists);
                pass.dispatchWorkgroups((outputs + TILED_OUTPUTS - 1) / TILED_OUTPUTS, (int) tiles(entries, shape.experts), 1);
            } else {
                pass.setPipeline(vector.pipeline);
                pass.setBindGroup(0, byRoutes);
                int perGroup = TEAM_OUTPUTS * shape.teams.perGroup;
                Dispatch.dispatch(pass, (outputs + perGroup - 1) / perGroup, entries);
            }
        }
    }
}
