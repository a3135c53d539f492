package io.muster.worker.tool;

import io.muster.worker.task.Tool;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A tool whose arguments are held against its schema before it runs; what does not fit is an error
 * that names the field, so that the model can call again and do better.
 */
public abstract class CheckedTool implements Tool {
  private static final int MOST_PROBLEMS = 5;

  private final String name;
  private final String description;
  private final JsonObject schema;
  private final Validator validator;

  protected CheckedTool(String name, String description, JsonObject schema) {
    this.name = name;
    this.description = description;
    this.schema = schema;
    this.validator =
        Validator.create(
            // It writes notes of its own into what it is given.
            JsonSchema.of(schema.copy()),
            new JsonSchemaOptions()
                .setDraft(Draft.DRAFT202012)
                .setBaseUri("https://muster.example/tools/" + name)
                .setOutputFormat(OutputFormat.Basic));
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String description() {
    return description;
  }

  @Override
  public final JsonObject schema() {
    return schema;
  }

  @Override
  public final Future<Object> run(JsonObject args, ToolContext context) {
    OutputUnit checked = validator.validate(args);
    if (!Boolean.TRUE.equals(checked.getValid())) {
      return Future.failedFuture(ToolException.invalid(problems(checked)));
    }
    return checked(args, context);
  }

  /** Runs it with arguments that fit. */
  protected abstract Future<Object> checked(JsonObject args, ToolContext context);

  /** The first characters of a text, with no half of one at its end. */
  protected static String beginning(String text, int chars) {
    if (text.length() <= chars) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(chars - 1)) ? chars - 1 : chars);
  }

  private static String problems(OutputUnit checked) {
    Set<String> problems = new LinkedHashSet<>();
    List<OutputUnit> units = checked.getErrors() == null ? new ArrayList<>() : checked.getErrors();
    for (OutputUnit unit : units) {
      String error = unit.getError();
      // Those of the schema as a whole only say that one of its parts was not met.
      boolean sums = error == null || error.contains("subschema") || error.contains("A subschema");
      String keyword = unit.getKeywordLocation() == null ? "" : unit.getKeywordLocation();
      if (!sums && !keyword.endsWith("/properties") && problems.size() < MOST_PROBLEMS) {
        problems.add(field(unit.getInstanceLocation()) + error);
      }
    }
    return problems.isEmpty()
        ? "the arguments do not fit the tool's schema"
        : String.join("; ", problems);
  }

  private static String field(String location) {
    String path = location == null ? "" : location.replaceFirst("^#/?", "").replace('/', '.');
    return path.isEmpty() ? "" : "'" + path + "': ";
  }
}
