package dev.crema.web.gpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSPromise;

public abstract class GPUDevice implements JSObject {
    @JSProperty
    public abstract GPUQueue getQueue();

    @JSBody(params = "name", script = "return this.limits[name];")
    public native double limit(String name);

    /** {@code bytes} must be a multiple of four. */
    @JSBody(params = { "label", "bytes", "usage" }, script = "return this.createBuffer({ label: label, size: bytes, usage: usage });")
    public native GPUBuffer createBuffer(String label, double bytes, int usage);

    @JSBody(params = { "label", "code" }, script = "return this.createShaderModule({ label: label, code: code });")
    public native GPUShaderModule createShaderModule(String label, String code);

    /** One binding a type, numbered from 0; the types are those of GPUBufferBindingType. */
    @JSBody(params = "types", script = "var entries = [];"
        + "for (var i = 0; i < types.length; i++) entries.push({ binding: i, visibility: GPUShaderStage.COMPUTE, buffer: { type: types[i] } });"
        + "return this.createBindGroupLayout({ entries: entries });")
    public native GPUBindGroupLayout createBindGroupLayout(String[] types);

    @JSBody(params = "layout", script = "return this.createPipelineLayout({ bindGroupLayouts: [layout] });")
    public native GPUPipelineLayout createPipelineLayout(GPUBindGroupLayout layout);

    /** The override named {@code constant} gets {@code value}; a null name sets none. */
    @JSBody(params = { "label", "layout", "module", "constant", "value" }, script = "var constants = {};"
        + "if (constant) constants[constant] = value;"
        + "return this.createComputePipelineAsync({ label: label, layout: layout,"
        + " compute: { module: module, entryPoint: 'main', constants: constants } });")
    public native JSPromise<GPUComputePipeline> createComputePipelineAsync(String label, GPUPipelineLayout layout, GPUShaderModule module,
        String constant, double value);

    /** Binding 0 is {@code paramsBytes} bytes of {@code params} from {@code paramsOffset}, the others are whole buffers. */
    @JSBody(params = { "layout", "params", "paramsOffset", "paramsBytes", "buffers" }, script =
        "var entries = [{ binding: 0, resource: { buffer: params, offset: paramsOffset, size: paramsBytes } }];"
        + "for (var i = 0; i < buffers.length; i++) entries.push({ binding: i + 1, resource: { buffer: buffers[i] } });"
        + "return this.createBindGroup({ layout: layout, entries: entries });")
    public native GPUBindGroup createBindGroup(GPUBindGroupLayout layout, GPUBuffer params, int paramsOffset, int paramsBytes,
        JSArray<GPUBuffer> buffers);

    @JSBody(params = "count", script = "return this.createQuerySet({ type: 'timestamp', count: count });")
    public native GPUQuerySet createTimestamps(int count);

    public abstract GPUCommandEncoder createCommandEncoder();

    /** {@code out-of-memory}, {@code validation} or {@code internal}. */
    public abstract void pushErrorScope(String filter);

    /** Null where nothing went wrong in the scope. */
    public abstract JSPromise<GPUError> popErrorScope();

    public abstract void destroy();

    /** Receives one text. */
    @JSFunctor
    public interface TextListener extends JSObject {
        void accept(String text);
    }

    /** {@code listener} is told once why the device is gone. */
    @JSBody(params = "listener", script = "this.lost.then(function(info) { listener(info.reason + (info.message ? ': ' + info.message : '')); });")
    public native void onLost(TextListener listener);

    /** {@code listener} is told of each error that no scope caught. */
    @JSBody(params = "listener", script = "this.addEventListener('uncapturederror', function(event) {"
        + " event.preventDefault(); listener(event.error.message); });")
    public native void onUncapturedError(TextListener listener);
}
