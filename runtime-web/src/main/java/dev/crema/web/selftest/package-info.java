/**
 * Whether a GPU computes right: before an adapter is trusted for the first time, every form of the kernels runs on it and is held against the
 * reference device. A form that computes wrong is left out; an adapter on which nothing is right is not used.
 */
package dev.crema.web.selftest;
