package io.muster.hub.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.hub.http.JsonBody;
import io.muster.node.NodeInfo;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class NodeDescriptionTest {
  @Test
  void aProcessOfMustersOwnIsKnownByItsName() {
    NodeInfo info = read("i".repeat(100));
    assertThat(info.instance()).hasSize(100);
    assertThat(info.id()).isEqualTo("n");
    assertThat(info.memberId()).isEqualTo("member");
  }

  @Test
  void aNameThatTheDatabaseHasNoRoomForIsRefused() {
    assertThatThrownBy(() -> read("i".repeat(101)))
        .isInstanceOf(FrameFault.class)
        .hasMessageContaining("muster.instance");
  }

  private static NodeInfo read(String instance) {
    JsonObject data =
        new JsonObject()
            .put("name", "node")
            .put("type", "worker")
            .put("capabilities", new JsonArray())
            .put("muster", new JsonObject().put("instance", instance).put("name", "node"));
    return NodeDescription.read(
        JsonBody.of(new JsonObject(data.toBuffer())), "n", "member", "connection", 0);
  }
}
