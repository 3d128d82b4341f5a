/** What {@code crema bench} measures inside the JVM: steps of a model, and what the machine's memory can do. */
package dev.crema.jvm.bench;
