package dev.crema.graph;

/** Pointwise non-linearities, in Hugging Face's names ({@code hidden_act}). */
public enum Activation {
    /** x * sigmoid(x). */
    SILU
}
