/** The WebGPU API (https://www.w3.org/TR/webgpu) as JavaScript objects: only what Crema's device uses, under the specification's names. */
package dev.crema.web.gpu;
