package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Bus;
import io.muster.hub.companion.Companions;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeType;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Talking to companions, over real HTTP and a real database. */
class CompanionChatIT {
  private static final String CHAT = "/api/chat";

  private TestHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = TestHub.start();
    hub.dispatch.script =
        job ->
            job.later(
                () -> {
                  job.started("w1");
                  job.done(
                      "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                          + "\"content\":\"I hear you.\"},\"finish_reason\":\"stop\"}]}");
                });
    SomeNodes fleet =
        new SomeNodes()
            .with(companion("yue", Map.of("name", "Yue", "prompt", "You are Yue."), "m1"))
            .with(companion("max", Map.of("prompt", "You are Max.", "model", "org/m2"), "m1"))
            .with(SomeNodes.online("worker-1", "m1"));
    hub.companions = new Companions(fleet, new Bus(hub.vertx), Duration.ofSeconds(1));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static NodeView companion(String id, Map<String, Object> personality, String model) {
    NodeInfo like = SomeNodes.info(id, model);
    NodeInfo info =
        new NodeInfo(
            id,
            like.instance(),
            like.memberId(),
            like.name(),
            null,
            NodeType.COMPANION,
            "1",
            1,
            List.of(),
            List.of(),
            List.of(),
            personality,
            null,
            null,
            1,
            null,
            Map.of());
    return SomeNodes.view(info, NodeState.ONLINE, new StateCause.Heard(1));
  }

  private JsonNode say(String companion, String session, String message) throws Exception {
    String who = companion == null ? "" : "\"companion\":\"" + companion + "\",";
    HttpResponse<String> response =
        hub.post(
            CHAT,
            "{" + who + "\"session_id\":\"" + session + "\",\"message\":\"" + message + "\"}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return HttpJson.MAPPER.readTree(response.body());
  }

  private String sent() throws Exception {
    return HttpJson.MAPPER.readTree(hub.dispatch.last().job.body()).get("messages").toString();
  }

  @Test
  void keepsADialogueOfItsOwnForEachCompanion() throws Exception {
    JsonNode answer = say("yue", "s", "I am Ada.");
    assertThat(answer.get("session_id").asText()).isEqualTo("s");
    assertThat(answer.get("response").asText()).isEqualTo("I hear you.");
    assertThat(sent()).contains("{\"role\":\"system\",\"content\":\"You are Yue.\"}");
    say("max", "s", "Hello.");
    assertThat(sent()).contains("You are Max.").doesNotContain("Ada");
    assertThat(hub.dispatch.last().job.model()).isEqualTo("org/m2");
    say(null, "s", "Hello.");
    assertThat(sent()).doesNotContain("system").doesNotContain("Ada");
    say("yue", "s", "Who am I?");
    assertThat(sent()).contains("You are Yue.", "I am Ada.", "I hear you.").doesNotContain("Max");

    JsonNode session = HttpJson.MAPPER.readTree(hub.get("/api/sessions/s?companion=yue").body());
    assertThat(session.get("turn_count").asInt()).isEqualTo(2);
    assertThat(session.get("session_id").asText()).isEqualTo("s");
    assertThat(
            HttpJson.MAPPER.readTree(hub.get("/api/sessions/s").body()).get("turn_count").asInt())
        .isEqualTo(1);
    assertThat(hub.get("/api/sessions/s?companion=nobody").statusCode()).isEqualTo(404);
  }

  @Test
  void namesTheOneThatIsNotThere() throws Exception {
    for (String id : List.of("nobody", "worker-1")) {
      HttpResponse<String> response =
          hub.post(CHAT, "{\"companion\":\"" + id + "\",\"message\":\"Hello\"}");
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(response.body()).contains("companion_not_found", "'" + id + "'");
    }
    assertThat(hub.post(CHAT, "{\"companion\":5,\"message\":\"Hello\"}").body())
        .contains("'companion' has to be a string");
  }
}
