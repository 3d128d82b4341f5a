package dev.crema.web.device;

import java.util.Set;

/**
 * How to open a {@link WebGpuDevice}.
 *
 * @param reason    why this device was chosen, for its info
 * @param teams     the form of kernels whose lanes work together, or null for the adapter's best; see {@link Teams}
 * @param partBytes bytes of a weight that one kernel reads at most, or 0 for the adapter's limit; larger weights are split by rows
 * @param without   features not to use though the adapter has them, by their WebGPU names ({@code shader-f16})
 * @param excluded  shader files never to use, such as {@code mat_mul.tile}: those that gave wrong results on this adapter, say
 * @param forced    kernel variants to use wherever they apply, without asking which is the fastest
 * @param fuses     whether graphs are fused, see {@link dev.crema.graph.pass.Fusion}; false only to test the plain ops
 * @param least     whether to ask for no limit above WebGPU's defaults (bindings of 128 MB, 16 KB of workgroup memory)
 * @param tuning    lets kernels race for the fastest variant, or null for the shipped defaults
 */
public record WebGpuOptions(String reason, Teams teams, long partBytes, Set<String> without, Set<String> excluded, Set<String> forced,
                            boolean fuses, boolean least, Tuning tuning) {
    public static WebGpuOptions because(String reason) {
        return new WebGpuOptions(reason, null, 0, Set.of(), Set.of(), Set.of(), true, false, null);
    }

    public WebGpuOptions withTeams(Teams wanted) {
        return new WebGpuOptions(reason, wanted, partBytes, without, excluded, forced, fuses, least, tuning);
    }

    public WebGpuOptions withPartBytes(long most) {
        return new WebGpuOptions(reason, teams, most, without, excluded, forced, fuses, least, tuning);
    }

    public WebGpuOptions without(Set<String> features) {
        return new WebGpuOptions(reason, teams, partBytes, Set.copyOf(features), excluded, forced, fuses, least, tuning);
    }

    public WebGpuOptions excluding(Set<String> shaders) {
        return new WebGpuOptions(reason, teams, partBytes, without, Set.copyOf(shaders), forced, fuses, least, tuning);
    }

    public WebGpuOptions forcing(Set<String> kernels) {
        return new WebGpuOptions(reason, teams, partBytes, without, excluded, Set.copyOf(kernels), fuses, least, tuning);
    }

    public WebGpuOptions withFusion(boolean wanted) {
        return new WebGpuOptions(reason, teams, partBytes, without, excluded, forced, wanted, least, tuning);
    }

    public WebGpuOptions withLeastLimits(boolean wanted) {
        return new WebGpuOptions(reason, teams, partBytes, without, excluded, forced, fuses, wanted, tuning);
    }

    public WebGpuOptions tuning(Tuning wanted) {
        return new WebGpuOptions(reason, teams, partBytes, without, excluded, forced, fuses, least, wanted);
    }
}
