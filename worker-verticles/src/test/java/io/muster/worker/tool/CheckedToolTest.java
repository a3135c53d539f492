package io.muster.worker.tool;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.worker.task.Tool;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckedToolTest {
  private static final Tool TOOL =
      new CheckedTool(
          "tool",
          "a tool",
          new Schema()
              .text("name", 1, 5, "a name")
              .integer("count", 1, 3, "how many")
              .flag("loud", "whether loud")
              .choice("kind", "which", List.of("a", "b"))
              .required("name")
              .build()) {
        @Override
        protected Future<Object> checked(JsonObject args, ToolContext context) {
          return Future.succeededFuture(args);
        }
      };

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                          | name",
        "{\"name\":\"\"}             | 'name'",
        "{\"name\":\"123456\"}       | 'name'",
        "{\"name\":7}                | 'name'",
        "{\"name\":\"x\",\"count\":4}    | 'count'",
        "{\"name\":\"x\",\"count\":1.5}  | 'count'",
        "{\"name\":\"x\",\"loud\":\"y\"} | 'loud'",
        "{\"name\":\"x\",\"kind\":\"c\"} | 'kind'",
        "{\"name\":\"x\",\"other\":1}    | other"
      })
  void whatDoesNotFitNamesTheField(String args, String named) {
    assertThat(TestRun.refusal(TOOL, new JsonObject(args)))
        .satisfies(error -> assertThat(error.code()).isEqualTo("invalid_arguments"))
        .satisfies(error -> assertThat(error.retryable()).isFalse())
        .satisfies(error -> assertThat(error.message()).contains(named));
  }

  @Test
  void whatFitsRuns() {
    JsonObject args = new JsonObject().put("name", "x").put("count", 3).put("kind", "b");

    assertThat(TestRun.of(TOOL, args)).isEqualTo(args);
  }

  @Test
  void itsSchemaTravelsAsPlainMaps() {
    Tools tools = new Tools(() -> {});
    tools.add(List.of(TOOL));

    Map<String, Object> schema = tools.infos().get(0).schema();

    Object properties = schema.get("properties");
    assertThat(properties).isInstanceOf(Map.class);
    assertThat(((Map<?, ?>) properties).get("name"))
        .isEqualTo(
            Map.of("type", "string", "minLength", 1, "maxLength", 5, "description", "a name"));
  }
}
