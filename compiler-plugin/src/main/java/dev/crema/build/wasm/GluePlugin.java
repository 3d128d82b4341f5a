package dev.crema.build.wasm;

import org.teavm.backend.wasm.TeaVMWasmGCHost;
import org.teavm.backend.wasm.intrinsics.WasmGCCodeGenContext;
import org.teavm.vm.spi.TeaVMHost;
import org.teavm.vm.spi.TeaVMPlugin;

/** Found by TeaVM through its service file: keeps the module that is being generated, for {@link Glue} to read once it is complete. */
public final class GluePlugin implements TeaVMPlugin {
    private static final ThreadLocal<WasmGCCodeGenContext> GENERATED = new ThreadLocal<>();

    @Override
    public void install(TeaVMHost host) {
        TeaVMWasmGCHost wasm = host.getExtension(TeaVMWasmGCHost.class);
        if (wasm != null) {
            wasm.contributeToCodeGen((context, registry) -> GENERATED.set(context));
        }
    }

    /** What this thread generated last; null when it generated none since the last call. */
    static WasmGCCodeGenContext take() {
        WasmGCCodeGenContext context = GENERATED.get();
        GENERATED.remove();
        return context;
    }
}
