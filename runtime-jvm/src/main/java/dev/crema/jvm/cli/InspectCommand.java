package dev.crema.jvm.cli;

import dev.crema.Cancellation;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.Map;
import java.util.concurrent.Callable;

/** {@code crema inspect}: what a model is, from its headers alone, also where Crema can't run it. */
@Command(name = "inspect", description = "Show what a model is: architecture, sizes, tokenizer, template, tensors.")
public final class InspectCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL",
        description = "GGUF file, Hugging Face or MLC folder, or http(s) URL of one; the embedded crema-tiny without it.")
    private String positional;

    @Option(names = "--model", paramLabel = "MODEL", description = "The same.")
    private String model;

    @Option(names = "--tensors", description = "List every tensor.")
    private boolean tensors;

    @Option(names = "--json", description = "Print one JSON object, with the config as it is.")
    private boolean json;

    public InspectCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        if (positional != null && model != null) {
            throw new ParameterException(spec.commandLine(), "The model is given twice: " + positional + " and --model " + model + ".");
        }
        try (var progress = new ProgressBar(io);
                OpenModelFiles files = ModelSource.open(positional != null ? positional : model, progress, new Cancellation())) {
            Checkpoint checkpoint = Checkpoints.awaitInspect(files);
            progress.close();
            Json.Obj report = ModelReport.of(files, checkpoint, tensors || json);
            io.out().println(json ? JsonWriter.pretty(report.put("config", checkpoint.config()), 2) : text(report));
        }
        return 0;
    }

    /** The report as an indented list: one line a value, one block an object. */
    private static String text(Json.Obj report) {
        var out = new StringBuilder();
        write(report, "", out);
        out.setLength(out.length() - 1);
        return out.toString();
    }

    private static void write(Json.Obj object, String indent, StringBuilder out) {
        int width = object.members().keySet().stream().mapToInt(String::length).max().orElse(0);
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
            String key = member.getKey();
            // Names of number formats stay as they are.
            String name = Character.isUpperCase(key.charAt(0)) ? key : key.replace('_', ' ');
            switch (member.getValue()) {
                case Json.Obj nested -> {
                    out.append(indent).append(name).append('\n');
                    write(nested, indent + "  ", out);
                }
                case Json.Arr array when array.size() > 0 && array.get(0) instanceof Json.Obj -> {
                    out.append(indent).append(name).append('\n');
                    array.items().forEach(row -> out.append(indent).append("  ").append(row((Json.Obj) row)).append('\n'));
                }
                default -> out.append(indent).append(name).append(" ".repeat(width - name.length() + 2)).append(scalar(member.getValue())).append('\n');
            }
        }
    }

    private static String row(Json.Obj row) {
        var cells = new StringBuilder();
        row.members().forEach((name, value) -> {
            String text = scalar(value);
            cells.append(text).append(" ".repeat(Math.max(0, (name.equals("name") ? 48 : 16) - text.length()))).append(' ');
        });
        return cells.toString().stripTrailing();
    }

    private static String scalar(Json value) {
        return switch (value) {
            case Json.Null nothing -> "none";
            case Json.Bool flag -> flag.value() ? "yes" : "no";
            case Json.Str string -> string.value();
            case Json.Arr array -> String.join(", ", array.items().stream().map(InspectCommand::scalar).toList());
            default -> value.toString();
        };
    }
}
