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
    static final int[] FORM_ROWS = {1, 4, FEW_ROWS};
    static final List<String> VARIANTS = List.of("one", "four", "eight");

    /** Forms that so many rows may need at most. */
    static int forms(int maxRows) {
        return form(Math.min(maxRows, FEW_ROWS)) + 1;
    }

    private static int form(int rows) {
        int form = 0;
        while (FORM_ROWS[form] < rows) {
            form++;
        }
        return form;
    }

    @Override
    public void encode(GPUComputePassEncoder pass, StepSize size) {
        int count = rows.count(size);
        if (count == 0 || teams == 0) {
            return;
        }
        int form = form(count);
        pass.setPipeline(forms.get(form).pipeline);
        pass.setBindGroup(0, group);
        Dispatch.dispatch(pass, (teams + perGroup - 1) / perGroup, (count + FORM_ROWS[form] - 1) / FORM_ROWS[form]);
    }
}
