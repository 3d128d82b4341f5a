/** Models with made-up weights: real shapes and sizes to measure with, without a download. */
package dev.crema.jvm.synth;
