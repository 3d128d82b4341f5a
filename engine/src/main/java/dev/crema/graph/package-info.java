/**
 * The graph: a model as straight-line code over a small closed set of ops.
 *
 * <h2>Values</h2>
 * A {@link dev.crema.graph.Value} is made by exactly one op (or is an input) and never changes within a step. Ids are dense and in
 * order: inputs first, then one value an op, so that {@code %7} is made by the op that follows the one that made {@code %6}. An op reads
 * only values with smaller ids. Names are unique and say where a value comes from ({@code layers.3.attn_norm}).
 *
 * <p>A value is {@code f32 [rows, channels]}. The number of channels is fixed; the number of rows is one of two symbols that each batch
 * fills in: {@code tokens}, all tokens of the batch, or {@code outputs}, those whose logits are asked for. {@code SelectRows} leads from
 * the first kind to the second, and no op leads back. The only value of another form is what {@code Sample} makes, {@code i32 [outputs]}.
 *
 * <h2>Weights</h2>
 * A {@link dev.crema.graph.Weight} is a constant under its checkpoint name, in the checkpoint's number format; one name stands for
 * one weight throughout a graph. Matrices are {@code [out, in]} with {@code in} contiguous, and a row is a whole number of blocks of the
 * format. Norm weights, biases and rope factors are vectors in f32, f16 or bf16. What a weight's number means is defined by
 * {@link dev.crema.quant.Quant}; an op computes as if it were that float.
 *
 * <p>Experts are stacked: one weight {@code [experts, out, in]}, expert after expert, as GGUF has it ({@code ffn_gate_exps}). Where a
 * checkpoint has a tensor an expert (Hugging Face's {@code mlp.experts.7.gate_proj.weight}), the stack is their bytes one after the other,
 * whatever the format, because rows are whole blocks.
 *
 * <h2>Mixtures of experts</h2>
 * {@code Route} gives each row its experts and their weights, {@code ExpertMatMul} multiplies with the experts' own matrices, and
 * {@code ExpertSum} adds up what they made. Experts' numbers are values like all others (f32, exact), so routing needs no word with the
 * host. Between the two, a row has {@code topK * n} channels, those of its first expert first, and pointwise ops treat them as
 * ever. Only what {@code Route} made can be routes. {@link dev.crema.model.Experts} writes the whole of it for a family.
 *
 * <h2>A step</h2>
 * A device runs all ops once for a batch, in any order that respects the operands. Tokens of several sequences stand in the rows one after
 * the other: for every sequence a run of consecutive positions. All ops but attention treat each row on its own, so that a row's
 * result does not depend on what else is in the batch (but for rounding, where a device picks another kernel for more rows). Rows
 * beyond the batch are not computed and buffers beyond them are not written. Sums may be taken in any order, in at least f32.
 *
 * <h2>The KV cache</h2>
 * {@link dev.crema.graph.KvLayout} says what a token leaves behind: k and v of every layer. Each layer is written by exactly one
 * {@code Attention}, which first appends the batch's k and v at their tokens' slots and then reads what each token may see, the batch's own
 * tokens included. A slot keeps its contents from step to step until the sequence is truncated or closed, see
 * {@link dev.crema.device.KvPool}. A graph without attention has no layout. Multi-head latent attention keeps k alone, one head of it, of which the
 * first channels are v too: {@link dev.crema.model} has the family write q and k for it with {@code Join}, and per-head matrices as an
 * {@code ExpertMatMul} of all heads.
 *
 * <p>There is no recurrent state, as RWKV and Mamba have it. What a token leaves is kept for each token, so that a sequence can be cut back to any
 * length, forked anywhere, saved by pages and run ahead; a state that each token overwrites could be cut back only to where it was copied, and a
 * kernel over it walks through the tokens of a chunk one after the other. Every device, the scheduler and the prefix cache would need a second way for
 * all of this: it does not come without harm, so such models are refused.
 *
 * <h2>Fused ops</h2>
 * {@link dev.crema.graph.Op.Fused} ops stand for several plain ones, of which they compute the same. Families build plain graphs;
 * {@code dev.crema.graph.pass} makes fused ones of them for the devices that ask for it. The reference runs both kinds.
 *
 * <h2>Inputs, outputs</h2>
 * Token ids, positions and sampling parameters come with the batch, not as values. Inputs are for what else the host provides; they
 * keep what was last written. Outputs stay readable after a step; {@code logits} and {@code tokens} are two of them with a known
 * role. At most one op samples, and it samples the logits.
 *
 * <p>{@link dev.crema.graph.Verifier} checks all of this, {@link dev.crema.graph.Op} defines each op's maths and shapes, and
 * {@link dev.crema.graph.Graph#toString} is the text form:
 * <pre>
 * graph llama
 * kv 2 layers, 4 kv heads of 16
 * %0 embed f32[tokens,128] = embed "model.embed_tokens.weight" f32[2048,128]
 * %1 layers.0.attn_norm f32[tokens,128] = rmsNorm %0, "model.layers.0.input_layernorm.weight" f32[128], eps 1.0E-5
 * ...
 * outputs %35 logits %36 tokens
 * </pre>
 */
package dev.crema.graph;
