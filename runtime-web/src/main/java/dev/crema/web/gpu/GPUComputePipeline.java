package dev.crema.web.gpu;

import org.teavm.jso.JSObject;

public interface GPUComputePipeline extends JSObject { }
