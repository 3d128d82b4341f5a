package dev.crema.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** SentencePiece's compiled normalisation rules, made for tests. */
public final class Charsmaps {
    private Charsmaps() { }

    /** A double array as darts-clone lays it out: the children of a node stand at its offset, xor their byte; 512 units a node are plenty. */
    public static byte[] of(Map<String, String> rules) {
        var texts = new ByteArrayOutputStream();
        Map<String, Integer> nodes = new HashMap<>();
        nodes.put("", 1);
        int[] units = new int[256 * 16];
        units[0] = 256 << 10;
        rules.forEach((from, to) -> {
            byte[] key = from.getBytes(StandardCharsets.UTF_8);
            int base = 256;
            StringBuilder path = new StringBuilder();
            for (int i = 0; i < key.length; i++) {
                path.append((char) (key[i] & 0xFF));
                int next = nodes.computeIfAbsent(path.toString(), p -> nodes.size() + 1);
                int place = base ^ key[i] & 0xFF;
                boolean last = i == key.length - 1;
                int childBase = 256 * next;
                units[place] = ((childBase ^ place) << 10) | (last ? 1 << 8 : 0) | key[i] & 0xFF;
                if (last) {
                    units[childBase] = 0x80000000 | texts.size();
                }
                base = childBase;
            }
            texts.writeBytes(to.getBytes(StandardCharsets.UTF_8));
            texts.write(0);
        });
        var blob = ByteBuffer.allocate(4 + 4 * units.length + texts.size()).order(ByteOrder.LITTLE_ENDIAN).putInt(4 * units.length);
        for (int unit : units) {
            blob.putInt(unit);
        }
        return blob.put(texts.toByteArray()).array();
    }
}
