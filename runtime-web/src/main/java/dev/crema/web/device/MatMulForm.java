package dev.crema.web.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ways to multiply many rows, a line each. A form applies where the adapter has the features that its kernel's header requires, and where
 * the weight's format has the part that the kernel reads ({@code weight}, or {@code ints} for its integers).
 */
enum MatMulForm {
    /** Registers only, no barrier. */
    REGISTERS("mat_mul", 32, Input.FLOATS),
    /** Tiles in workgroup memory. */
    TILE("mat_mul.tile", 64, Input.FLOATS),
    /** Activations as 8-bit blocks, packed integer dot products. */
    INT8("mat_mul.int8", 64, Input.BYTES),
    /** Activations and weights in half precision. */
    F16("mat_mul.f16", 64, Input.HALVES);

    /** How a kernel reads the activations. */
    enum Input { FLOATS, BYTES, HALVES }

    /** Rows of a workgroup's tile. */
    static final int TILE_ROWS = 64;

    final String kernel;
    /** Outputs of a workgroup's tile. */
    final int tileOutputs;
    final Input input;

    MatMulForm(String kernel, int tileOutputs, Input input) {
        this.kernel = kernel;
        this.tileOutputs = tileOutputs;
        this.input = input;
    }

    /** The form with this kernel. */
    static MatMulForm of(String kernel) {
        for (MatMulForm form : values()) {
            if (form.kernel.equals(kernel)) {
                return form;
            }
        }
        throw new IllegalArgumentException("no form of a mat-mul is " + kernel);
    }

    /** The choices for all slots of kernels that multiply by this weight. */
    static Map<String, String> slots(GpuWeight weight) {
        var slots = new HashMap<String, String>();
        slots.put("input", weight.columns() % 4 == 0 ? "vec4" : "scalar");
        slots.put("weight", weight.variant());
        slots.put("ints", weight.variant());
        return slots;
    }

    /** The forms that apply, at least one. F32 weights are not rounded to half precision. */
    static List<MatMulForm> applicable(Kernels kernels, GpuWeight weight) {
        List<String> variants = kernels.variants("mat_mul", slots(weight));
        var forms = new ArrayList<MatMulForm>();
        for (MatMulForm form : values()) {
            if (variants.contains(form.kernel) && (form.input != Input.HALVES || !weight.variant().startsWith("f32"))) {
                forms.add(form);
            }
        }
        // All that apply are excluded: the plain one is right on every adapter that can run Crema at all.
        return forms.isEmpty() ? List.of(REGISTERS) : forms;
    }
}
