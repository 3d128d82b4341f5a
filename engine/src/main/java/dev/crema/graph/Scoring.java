package dev.crema.graph;

/** What makes a router's scores weights of experts. */
public enum Scoring {
    /** e^score over the sum of them, over all experts of a row. */
    SOFTMAX,
    /** 1 / (1 + e^-score), each expert on its own. */
    SIGMOID
}
