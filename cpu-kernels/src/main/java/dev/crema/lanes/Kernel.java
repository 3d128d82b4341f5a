package dev.crema.lanes;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a static method that the Wasm module exports. Its parameters and result are {@code int}, {@code long}, {@code float} or
 * {@code double}. The name of the export is {@code class_method} with the class name in lower camel: {@code MatVec.q4Rows} is
 * exported as {@code matVec_q4Rows}. Two kernels of one name are refused.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Kernel {
}
