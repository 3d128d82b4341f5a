package dev.crema.device;

import java.util.List;

/**
 * A device as it is shown to people. {@code kind} is the word of {@code --device} ({@code reference}, {@code vector}, {@code webgpu}, {@code wasm});
 * {@code name} the hardware; {@code reason} why it was chosen over others; {@code features} what it found and uses.
 */
public record DeviceInfo(String kind, String name, String reason, List<String> features) { }
