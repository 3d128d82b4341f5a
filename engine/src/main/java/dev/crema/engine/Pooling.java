package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

/** How the hidden states of a text's tokens become one vector; sentence-transformers' {@code pooling_mode_*}, GGUF's {@code pooling_type}. */
public enum Pooling {
    /** The mean over all tokens; also where a checkpoint does not say. */
    MEAN,
    /** The first token's, of encoders with a [CLS] token. */
    CLS,
    /** The last token's, of decoders that were trained so. */
    LAST;

    /** What the checkpoint says, see {@code pooling} of {@link dev.crema.checkpoint.Checkpoint#config}. */
    public static Pooling of(Json.Obj config) {
        if (!(config.get("pooling") instanceof Json.Str named)) {
            return MEAN;
        }
        return switch (named.value()) {
            case "mean" -> MEAN;
            case "cls" -> CLS;
            case "last" -> LAST;
            default -> throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model pools its tokens by '" + named.value()
                + "', which makes no embedding that Crema knows.", "Use a model with mean, cls or last pooling.");
        };
    }

    /** Takes the rows of a text in order and gives its vector. */
    Pool newPool(int hiddenSize) {
        return new Pool(this, hiddenSize);
    }

    /** One text on its way to a vector. */
    static final class Pool implements TextPass.Taker {
        private final Pooling pooling;
        private final double[] sum;
        private int rows;

        private Pool(Pooling pooling, int hiddenSize) {
            this.pooling = pooling;
            sum = new double[hiddenSize];
        }

        @Override
        public void take(float[] states, int first, int count) {
            for (int row = first; row < first + count; row++) {
                if (pooling == MEAN || pooling == LAST || rows == 0) {
                    for (int i = 0; i < sum.length; i++) {
                        float state = states[row * sum.length + i];
                        sum[i] = pooling == MEAN ? sum[i] + state : state;
                    }
                }
                rows++;
            }
        }

        /** Of length 1 (L2), as OpenAI's are; the direction of a mean is that of the sum. */
        float[] vector() {
            double squares = 0;
            for (double value : sum) {
                squares += value * value;
            }
            double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
            float[] vector = new float[sum.length];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (sum[i] * scale);
            }
            return vector;
        }
    }
}
