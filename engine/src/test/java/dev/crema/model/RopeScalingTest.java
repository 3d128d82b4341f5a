package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.RopeTable;
import dev.crema.json.JsonParser;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RopeScalingTest {
    private static RopeTable table(String config, int headDim) {
        return RopeScaling.table(new Config(JsonParser.parseObject(config)), headDim);
    }

    @Test
    void plainFrequenciesArePowersOfTheta() {
        RopeTable table = table("{\"rope_theta\": 10000.0}", 8);
        assertArrayEquals(new float[] {1, 0.1f, 0.01f, 0.001f}, table.inverseFrequencies(), 1e-9f);
        assertEquals(1, table.magnitude());
        assertEquals(8, table.rotaryDim());
        assertFalse(table.interleaved());
        assertTrue(table("{\"rope_interleaved\": true}", 8).interleaved());
    }

    @Test
    void partOfAHeadMayTurn() {
        assertEquals(4, table("{\"partial_rotary_factor\": 0.5}", 8).rotaryDim());
        assertEquals(14, table("{\"partial_rotary_factor\": " + 14.0 / 98 + "}", 98).rotaryDim());
        assertThrows(CremaException.class, () -> table("{\"partial_rotary_factor\": 2}", 8));
        assertThrows(CremaException.class, () -> table("{\"partial_rotary_factor\": 0.4}", 8));
    }

    @Test
    void olderAndNewerKeysMeanTheSame() {
        RopeTable newer = table("{\"rope_theta\": 500.0, \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 4}}", 16);
        RopeTable older = table("{\"rope_theta\": 500.0, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0}}", 16);
        RopeTable newest = table("{\"rope_parameters\": {\"rope_theta\": 500.0, \"rope_type\": \"linear\", \"factor\": 4}}", 16);
        assertEquals(newer, older);
        assertEquals(newer, newest);
        assertEquals(0.25f, newer.inverseFrequencies()[0]);
        assertEquals(table("{\"rope_scaling\": {\"rope_type\": \"default\"}}", 16), table("{\"rope_scaling\": null}", 16));
    }

    /** The config of Llama 3.1 8B. */
    @Test
    void llama3KeepsShortWavesAndStretchesLongOnes() {
        RopeTable table = table("{\"rope_theta\": 500000.0, \"rope_scaling\": {\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
            + " \"original_max_position_embeddings\": 8192, \"rope_type\": \"llama3\"}}", 128);
        float[] plain = table("{\"rope_theta\": 500000.0}", 128).inverseFrequencies();
        float[] scaled = table.inverseFrequencies();
        for (int i = 0; i < 64; i++) {
            double wavelength = 2 * Math.PI / plain[i];
            if (wavelength < 8192 / 4.0) {
                assertEquals(plain[i], scaled[i], "pair " + i);
            } else if (wavelength > 8192) {
                assertEquals(plain[i] / 8, scaled[i], plain[i] * 1e-6, "pair " + i);
            } else {
                assertTrue(scaled[i] < plain[i] && scaled[i] > plain[i] / 8, "pair " + i);
            }
        }
        assertEquals(29, firstChanged(plain, scaled));
    }

    private static int firstChanged(float[] a, float[] b) {
        int i = 0;
        while (a[i] == b[i]) {
            i++;
        }
        return i;
    }

    @Test
    void yarnRampsBetweenItsTwoBounds() {
        RopeTable table = table("{\"rope_theta\": 10000.0, \"max_position_embeddings\": 131072, \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0,"
            + " \"original_max_position_embeddings\": 32768}}", 128);
        float[] plain = table("{}", 128).inverseFrequencies();
        // The bounds: the pair that turns 32 times in 32768 tokens, and the one that turns once.
        double low = Math.floor(128 * Math.log(32768 / (32 * 2 * Math.PI)) / (2 * Math.log(10000)));
        double high = Math.ceil(128 * Math.log(32768 / (2 * Math.PI)) / (2 * Math.log(10000)));
        assertEquals(35, low);
        assertEquals(60, high);
        for (int i = 0; i < 64; i++) {
            double ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
            assertEquals(plain[i] * (1 - ramp) + plain[i] / 4 * ramp, table.inverseFrequencies()[i], plain[i] * 1e-6, "pair " + i);
        }
        assertEquals(0.1 * Math.log(4) + 1, table.magnitude(), 1e-6);
        assertEquals(1.5f, table("{\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4, \"attention_factor\": 1.5}}", 128).magnitude());
        assertEquals(1f, table("{\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 40, \"mscale\": 1, \"mscale_all_dim\": 1}}", 128).magnitude());
    }

    @Test
    void hostileNumbersAreErrorsAndAllocateNothing() {
        for (String theta : new String[] {"0", "1", "-3", "1e400", "1e31"}) {
            assertEquals(ErrorCode.INVALID_CHECKPOINT, assertThrows(CremaException.class, () -> table("{\"rope_theta\": " + theta + "}", 8)).code());
        }
        assertThrows(CremaException.class, () -> table("{}", Integer.MAX_VALUE - 1));
        assertThrows(CremaException.class, () -> table("{}", 7));
        CremaException error = assertThrows(CremaException.class, () -> table("{\"rope_scaling\": {\"rope_type\": \"dynamic\"}}", 8));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
    }

    @Test
    void longRopeDividesByTheFactorsOfTheContext() {
        String config = "\"rope_theta\": 100, \"max_position_embeddings\": 4096, \"original_max_position_embeddings\": 1024, \"rope_scaling\": "
            + "{\"type\": \"longrope\", \"short_factor\": [1, 2, 4, 5], \"long_factor\": [9, 8, 7, 6]}}";
        for (String loaded : new String[] {"", "\"loaded_context_length\": 1024, "}) {
            assertDivided(table("{" + loaded + config, 8), 1, 2, 4, 5);
        }
        assertDivided(table("{\"loaded_context_length\": 1025, " + config, 8), 9, 8, 7, 6);
    }

    private static void assertDivided(RopeTable table, double... factors) {
        for (int i = 0; i < 4; i++) {
            assertEquals(Math.pow(100, -i / 4.0) / factors[i], table.inverseFrequencies()[i], 1e-7);
        }
        // transformers: sqrt(1 + log(factor) / log(original)), whichever the factors.
        assertEquals(Math.sqrt(1 + Math.log(4) / Math.log(1024)), table.magnitude(), 1e-6);
    }

    @Test
    void windowsAreThoseOfTheConfig() {
        assertEquals(0, window("{\"model_type\": \"mistral\", \"sliding_window\": null}", 0));
        assertEquals(4096, window("{\"model_type\": \"mistral\", \"sliding_window\": 4096}", 0));
        assertEquals(0, window("{\"model_type\": \"llama\", \"sliding_window\": 4096}", 0));
        assertEquals(0, window("{\"model_type\": \"qwen2\", \"sliding_window\": 4096}", 30));
        assertEquals(0, window("{\"model_type\": \"qwen2\", \"sliding_window\": 4096, \"use_sliding_window\": false}", 30));
        String qwen = "{\"model_type\": \"qwen2\", \"sliding_window\": 4096, \"use_sliding_window\": true, \"max_window_layers\": 2}";
        assertEquals(0, window(qwen, 1));
        assertEquals(4096, window(qwen, 2));
        String types = "{\"model_type\": \"qwen3\", \"sliding_window\": 8, \"use_sliding_window\": true, \"layer_types\": [\"full_attention\", \"sliding_attention\"]}";
        assertEquals(0, window(types, 0));
        assertEquals(8, window(types, 1));
        assertThrows(CremaException.class, () -> window("{\"model_type\": \"mistral\", \"sliding_window\": -1}", 0));
    }

    private static int window(String config, int layer) {
        return SlidingWindow.tokens(new Config(JsonParser.parseObject(config)), layer);
    }
}
