package dev.crema.web.device;

import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUComputePassEncoder;

/** One kernel launch of a graph; only the size of its grid depends on the batch. */
interface Dispatch {
    /** Invocations of a workgroup in the kernels that do not work in teams. */
    int INVOCATIONS = 64;
    /** Workgroups in one dimension of a grid, at most (maxComputeWorkgroupsPerDimension, by default). */
    int MAX_GROUPS = 65535;

    /** Encodes the launch for a batch; nothing where it has no rows. */
    void encode(GPUComputePassEncoder pass, StepSize size);

    /** {@code perRow} pieces of work a row, {@code perGroup} of them to a workgroup. */
    record Linear(Kernels.Kernel kernel, GPUBindGroup group, Rows rows, long perRow, int perGroup) implements Dispatch {
        @Override
        public void encode(GPUComputePassEncoder pass, StepSize size) {
            long groups = (rows.count(size) * perRow + perGroup - 1) / perGroup;
            if (groups > 0) {
                pass.setPipeline(kernel.pipeline);
                pass.setBindGroup(0, group);
                dispatch(pass, groups, 1);
            }
        }
    }

    /** A mat-mul of {@code outputs} columns: row by row where there are few rows, else by tiles. */
    record MatMul(Kernels.Kernel vector, Kernels.Kernel tiled, GPUBindGroup group, Rows rows, int outputs, Teams teams) implements Dispatch {
        private static final int TEAM_OUTPUTS = 4;
        private static final int TILED_OUTPUTS = 32;
        private static final int TILED_ROWS = 64;

        @Override
        public void encode(GPUComputePassEncoder pass, StepSize size) {
            int count = rows.count(size);
            if (count == 0 || outputs == 0) {
                return;
            }
            boolean byTiles = count >= teams.tiledRows;
            pass.setPipeline(byTiles ? tiled.pipeline : vector.pipeline);
            pass.setBindGroup(0, group);
            if (byTiles) {
                pass.dispatchWorkgroups((outputs + TILED_OUTPUTS - 1) / TILED_OUTPUTS, (count + TILED_ROWS - 1) / TILED_ROWS, 1);
            } else {
                int perGroup = TEAM_OUTPUTS * teams.perGroup;
                dispatch(pass, (outputs + perGroup - 1) / perGroup, count);
            }
        }
    }

    /** Numbers more than {@link #MAX_GROUPS} groups row by row, as grid.wgsl reads them. */
    static void dispatch(GPUComputePassEncoder pass, long groups, int depth) {
        long height = (groups + MAX_GROUPS - 1) / MAX_GROUPS;
        pass.dispatchWorkgroups((int) ((groups + height - 1) / height), (int) height, depth);
    }
}
