package dev.crema.conformance.web;

import dev.crema.web.device.Teams;
import dev.crema.web.device.WebGpuOptions;
import org.teavm.jso.JSBody;

import java.util.Set;

/**
 * How a page's address asks for a WebGPU device: {@code teams=workgroup|single}, {@code split=BYTES} (a weight that one kernel reads at most),
 * {@code force=mat_mul.tile,...}, {@code exclude=mat_mul.tile,...}, {@code without=shader-f16,...}, {@code fusion=off},
 * {@code limits=least}.
 */
final class DeviceParameters {
    private DeviceParameters() { }

    static WebGpuOptions options() {
        String teams = parameter("teams", "");
        return WebGpuOptions.because("asked for").withTeams(teams.isEmpty() ? null : Teams.valueOf(teams.toUpperCase()))
            .withPartBytes(Long.parseLong(parameter("split", "0"))).forcing(names("force")).excluding(names("exclude")).without(names("without"))
            .withFusion(!parameter("fusion", "").equals("off")).withLeastLimits(parameter("limits", "").equals("least"));
    }

    private static Set<String> names(String parameter) {
        String text = parameter(parameter, "");
        return text.isEmpty() ? Set.of() : Set.of(text.split(","));
    }

    @JSBody(params = { "name", "otherwise" }, script = "return new URLSearchParams(location.search).get(name) || otherwise;")
    static native String parameter(String name, String otherwise);
}
