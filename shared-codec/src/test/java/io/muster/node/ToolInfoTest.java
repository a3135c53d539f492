package io.muster.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToolInfoTest {
  private final JsonMapper mapper = new JsonMapper();

  @Test
  void aToolIsReadFromAnObjectAndFromItsName() throws JsonProcessingException {
    ToolInfo full = new ToolInfo("ls", "lists", Map.of("type", "object"));
    assertThat(mapper.readValue(mapper.writeValueAsString(full), ToolInfo.class)).isEqualTo(full);
    assertThat(mapper.readValue("\"ls\"", ToolInfo.class)).isEqualTo(ToolInfo.named("ls"));
  }
}
