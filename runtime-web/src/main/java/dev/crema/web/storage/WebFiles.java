package dev.crema.web.storage;

import dev.crema.checkpoint.ModelFiles;
import dev.crema.device.Bytes;
import dev.crema.web.js.Promises;

import java.util.ArrayList;
import java.util.List;

/** The files of a model at a URL, in the browser's store, or picked by the user; files.js knows which. */
public final class WebFiles implements ModelFiles {
    private final JsFiles files;

    public WebFiles(JsFiles files) {
        this.files = files;
    }

    @Override
    public String name() {
        return files.getName();
    }

    @Override
    public List<String> names() {
        var names = files.getNames();
        if (names == null) {
            return null;
        }
        List<String> list = new ArrayList<>();
        for (int i = 0; i < names.getLength(); i++) {
            list.add(names.get(i).stringValue());
        }
        return list;
    }

    @Override
    public Bytes awaitOpen(String name) {
        JsFiles.JsFile file = Promises.await(files.open(name));
        return file == null ? null : new FileBytes(name, file, (long) file.getLength());
    }
}
