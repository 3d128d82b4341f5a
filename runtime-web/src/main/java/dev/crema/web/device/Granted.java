package dev.crema.web.device;

import dev.crema.web.gpu.GPU;
import dev.crema.web.gpu.GPUAdapter;
import dev.crema.web.gpu.GPUDevice;
import dev.crema.web.js.Promises;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A device with all that its adapter has and the options do not hide.
 *
 * @param features by their WebGPU names; {@code packed_4x8_integer_dot_product} is one of the browser's WGSL
 * @param maxBufferBytes bytes that a buffer and a binding of it hold at most
 * @param workgroupBytes of workgroup memory
 */
record Granted(GPUDevice device, Set<String> features, long maxBufferBytes, int workgroupBytes) {
    static final String F16 = "shader-f16";
    static final String SUBGROUPS = "subgroups";
    static final String TIMESTAMPS = "timestamp-query";
    static final String PACKED_DOT = "packed_4x8_integer_dot_product";

    private static final List<String> LIMITS = List.of("maxBufferSize", "maxStorageBufferBindingSize", "maxComputeWorkgroupStorageSize",
        "maxComputeInvocationsPerWorkgroup", "maxComputeWorkgroupSizeX", "maxStorageBuffersPerShaderStage");

    static Granted await(GPU gpu, GPUAdapter adapter, WebGpuOptions options) {
        var features = new LinkedHashSet<String>();
        for (String feature : List.of(F16, SUBGROUPS, TIMESTAMPS)) {
            if (adapter.hasFeature(feature) && !options.without().contains(feature)) {
                features.add(feature);
            }
        }
        List<String> limits = options.least() ? List.of() : LIMITS;
        GPUDevice device = Promises.await(adapter.requestDevice(features.toArray(new String[0]), limits.toArray(new String[0])));
        if (gpu.hasLanguageFeature(PACKED_DOT) && !options.without().contains(PACKED_DOT)) {
            features.add(PACKED_DOT);
        }
        return new Granted(device, features, (long) Math.min(device.limit("maxStorageBufferBindingSize"), device.limit("maxBufferSize")),
            (int) device.limit("maxComputeWorkgroupStorageSize"));
    }

    /** The features as headers of shaders name them; see {@link dev.crema.shaders.Linker#FEATURES}. */
    Set<String> shaderFeatures() {
        var names = new ArrayList<String>();
        for (String feature : features) {
            if (!feature.equals(TIMESTAMPS)) {
                names.add(feature.equals(F16) ? "f16" : feature);
            }
        }
        return Set.copyOf(names);
    }
}
