package dev.crema.engine;

import dev.crema.tokenizer.Tokenizer;

import java.nio.charset.StandardCharsets;

/** One token a byte; the ids from 256 up are special and have no text. */
public record ByteTokenizer(int vocabSize) implements Tokenizer {
    @Override
    public int[] encode(String text, Special special) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 255;
        }
        return ids;
    }

    @Override
    public byte[] bytes(int id) {
        return id < 256 ? new byte[] {(byte) id} : new byte[0];
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= 256;
    }

    @Override
    public String decode(int[] ids, boolean withSpecial) {
        byte[] bytes = new byte[ids.length];
        int length = 0;
        for (int id : ids) {
            if (id < 256) {
                bytes[length++] = (byte) id;
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public int leadingSpaces() {
        return 0;
    }

    @Override
    public int id(String token) {
        return -1;
    }

    @Override
    public String token(int id) {
        return "<" + id + ">";
    }

    @Override
    public int bos() {
        return -1;
    }

    @Override
    public int eos() {
        return -1;
    }

    @Override
    public boolean addsBos() {
        return false;
    }
}
