package io.muster.hub.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.tool.ToolResult;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class ToolContentTest {
  private static JsonObject of(String value) {
    return ToolContent.of(new ToolResult(new JsonObject(value), null, null, null, 1));
  }

  @Test
  void whatIsInMcpsFormIsHandedOn() {
    String result = "{\"content\":[],\"structuredContent\":{\"a\":1}}";

    assertThat(of(result)).isEqualTo(new JsonObject(result));
  }

  @Test
  void aResultThatMerelyHasAContentKeepsTheRest() {
    JsonObject result = of("{\"content\":[],\"total\":0}");

    assertThat(result.getJsonObject("structuredContent").getInteger("total")).isZero();
    assertThat(result.getJsonArray("content").getJsonObject(0).getString("text"))
        .isEqualTo("{\"content\":[],\"total\":0}");
  }
}
