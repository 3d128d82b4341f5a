package dev.crema.jvm.cli;

import dev.crema.device.KvFormats;
import dev.crema.jvm.Crema;
import dev.crema.tensor.DType;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a model runs, and how. */
public final class DeviceOptions {
    @Option(names = "--device", paramLabel = "DEVICE", description = "What computes: vector or reference; the best one without it.")
    private String device;

    @Option(names = "--no-repack", description = "Keep weights in the mapped file alone instead of an order in which most are faster: starts "
        + "sooner, and processes share the memory. On the vector device.")
    private boolean noRepack;

    @Option(names = "--context-length", paramLabel = "TOKENS", defaultValue = "0",
        description = "Tokens of prompt and reply together, at most; 0 for the model's own limit.")
    private int contextLength;

    @Option(names = "--kv-type", paramLabel = "FORMAT", defaultValue = "f32",
        description = "Number format of the KV cache: f32, f16, q8_0 or q4_0, as far as the device has it.")
    private String kvType;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** A loader of {@code model} (path or URL; null for the embedded one) with these choices. */
    public Crema.Loader loader(String model) {
        if (contextLength < 0) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--context-length is " + contextLength + ", expected 0 or more.");
        }
        DType format = KvFormats.named(kvType);
        if (format == null) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--kv-type is " + kvType + ", expected f32, f16, q8_0 or q4_0.");
        }
        return Crema.loader().model(model).device(device).repack(!noRepack).contextLength(contextLength).kvType(format);
    }
}
