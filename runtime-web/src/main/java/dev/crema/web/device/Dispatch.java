package dev.crema.web.device;

import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUComputePassEncoder;

import java.util.List;

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

    /** A mat-mul of {@code outputs} columns by tiles. */
    record Tiled(Kernels.Kernel kernel, GPUBindGroup group, Rows rows, int outputs, MatMulForm form) implements Dispatch {
        @Override
        public void encode(GPUComputePassEncoder pass, StepSize size) {
            int count = rows.count(size);
            if (count > 0 && outputs > 0) {
                pass.setPipeline(kernel.pipeline);
                pass.setBindGroup(0, group);
                long across = (outputs + form.tileOutputs - 1) / form.tileOutputs;
                dispatch(pass, across * ((count + MatMulForm.TILE_ROWS - 1) / MatMulForm.TILE_ROWS), 1);
            }
        }
    }

    /** One way for few rows, another from {@code manyRows} on, and for the tokens of a step in the form of prompts. */
    record ByRows(Rows rows, List<Dispatch> few, List<Dispatch> many, int manyRows) implements Dispatch {
        @Override
        public void encode(GPUComputePassEncoder pass, StepSize size) {
            boolean asMany = rows.count(size) >= manyRows || size.prefill() && rows == Rows.TOKENS;
            for (Dispatch dispatch : asMany ? many : few) {
                dispatch.encode(pass, size);
            }
        }
    }

    /** Numbers more than {@link #MAX_GROUPS} groups row by row, as grid.wgsl reads them. */
    static void dispatch(GPUComputePassEncoder pass, long groups, int depth) {
        long height = (groups + MAX_GROUPS - 1) / MAX_GROUPS;
        pass.dispatchWorkgroups((int) ((groups + height - 1) / height), (int) height, depth);
    }
}
