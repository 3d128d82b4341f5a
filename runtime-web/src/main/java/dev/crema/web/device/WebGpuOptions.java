package dev.crema.web.device;

/**
 * How to open a {@link WebGpuDevice}.
 *
 * @param reason    why this device was chosen, for its info
 * @param teams     the form of kernels whose lanes work together, or null for the adapter's best; see {@link Teams}
 * @param partBytes bytes of a weight that one kernel reads at most, or 0 for the adapter's limit; larger weights are split by rows
 */
public record WebGpuOptions(String reason, Teams teams, long partBytes) {
    public static WebGpuOptions because(String reason) {
        return new WebGpuOptions(reason, null, 0);
    }
}
