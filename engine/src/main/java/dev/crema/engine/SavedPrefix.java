package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.nio.charset.StandardCharsets;

/**
 * The first tokens of a text with what they left in the KV cache, as bytes: {@code CREMAKV1}, the header's length (4 bytes, as all
 * numbers little-endian), the header {@code {format, model, tokens, prefilled, pageBytes}} in JSON, the token ids (4 bytes each), the pages.
 *
 * @param format    of the pages ({@link dev.crema.device.KvPages#format})
 * @param model     names the model whose tokens they are
 * @param tokens    ids
 * @param prefilled of each token, whether it was computed in the form of prompts
 */
record SavedPrefix(String format, String model, int[] tokens, boolean[] prefilled, byte[] pages) {
    private static final byte[] MAGIC = "CREMAKV1".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_HEADER_BYTES = 64 << 20;

    byte[] bytes() {
        var forms = new StringBuilder();
        for (boolean form : prefilled) {
            forms.append(form ? '1' : '0');
        }
        byte[] header = new Json.Obj().put("format", format).put("model", model).put("tokens", tokens.length).put("prefilled", forms.toString())
            .toString().getBytes(StandardCharsets.UTF_8);
        int start = MAGIC.length + 4 + header.length;
        long length = start + 4L * tokens.length + pages.length;
        if (length > Integer.MAX_VALUE - 8) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "The KV cache of " + tokens.length + " tokens has " + pages.length
                + " bytes, too many to be saved at once.", "Save without the KV cache.");
        }
        byte[] all = new byte[(int) length];
        System.arraycopy(MAGIC, 0, all, 0, MAGIC.length);
        putInt(all, MAGIC.length, header.length);
        System.arraycopy(header, 0, all, MAGIC.length + 4, header.length);
        for (int i = 0; i < tokens.length; i++) {
            putInt(all, start + 4 * i, tokens[i]);
        }
        System.arraycopy(pages, 0, all, start + 4 * tokens.length, pages.length);
        return all;
    }

    /** INVALID_REQUEST where the bytes are something else, or cut short. */
    static SavedPrefix read(byte[] all) {
        boolean known = all.length >= MAGIC.length + 4;
        for (int i = 0; known && i < MAGIC.length; i++) {
            known = all[i] == MAGIC[i];
        }
        int headerLength = known ? getInt(all, MAGIC.length) : -1;
        int start = MAGIC.length + 4 + headerLength;
        if (headerLength < 2 || headerLength > MAX_HEADER_BYTES || start > all.length) {
            throw damaged(all.length);
        }
        Json.Obj header = JsonParser.parseObject(new String(all, MAGIC.length + 4, headerLength, StandardCharsets.UTF_8));
        if (!(header.get("format") instanceof Json.Str format) || !(header.get("model") instanceof Json.Str model)
                || !(header.get("prefilled") instanceof Json.Str forms) || !(header.get("tokens") instanceof Json.Num count) || !count.isInteger()
                || count.longValue() != forms.value().length() || count.longValue() < 1 || count.longValue() > (all.length - start) / 4) {
            throw damaged(all.length);
        }
        int[] tokens = new int[forms.value().length()];
        boolean[] prefilled = new boolean[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = getInt(all, start + 4 * i);
            prefilled[i] = forms.value().charAt(i) == '1';
        }
        byte[] pages = new byte[all.length - start - 4 * tokens.length];
        System.arraycopy(all, start + 4 * tokens.length, pages, 0, pages.length);
        return new SavedPrefix(format.value(), model.value(), tokens, prefilled, pages);
    }

    private static CremaException damaged(int length) {
        return new CremaException(ErrorCode.INVALID_REQUEST, "These " + length + " bytes are no saved KV cache, or were cut short.", "Save the session again.");
    }

    private static void putInt(byte[] bytes, int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >> 8 * i);
        }
    }

    private static int getInt(byte[] bytes, int at) {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value |= (bytes[at + i] & 255) << 8 * i;
        }
        return value;
    }
}
