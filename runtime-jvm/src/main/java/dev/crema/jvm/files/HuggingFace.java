package dev.crema.jvm.files;

/** What people copy from the address bar of huggingface.co, as the address of the files themselves. */
final class HuggingFace {
    private static final String HOST = "https://huggingface.co/";

    private HuggingFace() { }

    /** {@code /owner/repo} becomes its main branch, {@code blob} and {@code tree} pages what they show; any other URL stays as it is. */
    static String fileUrl(String url) {
        if (!url.startsWith(HOST)) {
            return url;
        }
        String[] parts = url.substring(HOST.length()).split("/", 4);
        if (parts.length == 2 && !parts[1].isEmpty() || parts.length == 3 && parts[2].isEmpty()) {
            return HOST + parts[0] + "/" + parts[1] + "/resolve/main/";
        }
        if (parts.length == 4 && (parts[2].equals("blob") || parts[2].equals("tree"))) {
            return HOST + parts[0] + "/" + parts[1] + "/resolve/" + parts[3];
        }
        return url;
    }

    /** The model's name in the path of a folder: the repository's on the hub ({@code /owner/repo/resolve/main/}), else the last segment. */
    static String modelName(String folder) {
        String[] parts = folder.split("/");
        for (int i = 2; i < parts.length; i++) {
            if (parts[i].equals("resolve")) {
                return parts[i - 1];
            }
        }
        for (int i = parts.length - 1; i >= 0; i--) {
            if (!parts[i].isEmpty()) {
                return parts[i];
            }
        }
        return "model";
    }
}
