package dev.crema.graph;

/** Pointwise functions, in the names of Hugging Face's {@code hidden_act} where it has them. */
public enum Activation {
    /** x * sigmoid(x), also called swish. */
    SILU,
    /** x * Φ(x), with the error function (arXiv 1606.08415); Hugging Face's {@code gelu}. */
    GELU,
    /** GELU's approximation by tanh; Hugging Face's {@code gelu_pytorch_tanh}, {@code gelu_new} and {@code gelu_fast}. */
    GELU_TANH,
    /** x * sigmoid(1.702 x). */
    QUICK_GELU,
    /** max(x, 0). */
    RELU,
    /** max(x, 0)^2 (arXiv 2109.08668). */
    RELU2,
    TANH,
    /** x itself: for what only scales. */
    IDENTITY,
    /** min(x, 7) * sigmoid(1.702 min(x, 7)): what gpt-oss makes of its gates. */
    LIMITED_QUICK_GELU,
    /** min(max(x, -7), 7) + 1: what gpt-oss multiplies its gates with. */
    LIMITED_PLUS_ONE
}
