package dev.crema.web.device;

import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUComputePassEncoder;

import java.util.List;

/**
 * A projection of few rows, all together: {@code teams} teams in the smallest of {@code forms} that has room for the rows. Only the form and
 * the grid depend on the batch.
 */
record ProjectDispatch(List<Kernels.Kernel> forms, GPUBindGroup group, Rows rows, long teams, int perGroup) implements Dispatch {
    /** Rows that count as few, at most. */
    static final int FEW_ROWS = 8;
    /** Rows that a team takes, by form, and the variants of the shader slot {@code rows}. */
    static final int[] FORM_ROWS = {1, FEW_ROWS};
    static final List<String> VARIANTS = List.of("one", "eight");

    /** Forms that so many rows may need at most. */
    static int forms(int maxRows) {
        return maxRows > 1 ? 2 : 1;
    }

    @Override
    public void encode(GPUComputePassEncoder pass, StepSize size) {
        int count = rows.count(size);
        if (count == 0 || teams == 0) {
            return;
        }
        int form = count > 1 ? forms.size() - 1 : 0;
        pass.setPipeline(forms.get(form).pipeline);
        pass.setBindGroup(0, group);
        Dispatch.dispatch(pass, (teams + perGroup - 1) / perGroup, (count + FORM_ROWS[form] - 1) / FORM_ROWS[form]);
    }
}
