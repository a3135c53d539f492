package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.FaultException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestRewriteTest {
  private static final List<String> MEMBERS =
      List.of(
          "\"model\" : \"other\"",
          "\"messages\":[{\"role\":\"user\",\"content\":\"\u4f60\u597d \\\"model\\\":\\\"x\\\"\"}]",
          "\"stream\":false",
          "\"stream_options\" : { \"include_usage\" : false , \"x\" : [1] }",
          "\"metadata\":{\"model\":\"y\",\"stream\":true,\"stream_options\":null}");

  @Test
  void sendsARightRequestAsItIs() {
    byte[] body = "{ \"model\":\"m\", \"messages\":[] }".getBytes(UTF_8);
    assertThat(RequestRewrite.apply(body, "m", false, true)).isSameAs(body);
    byte[] streamed =
        "{\"stream_options\":{\"include_usage\":true},\"stream\":true,\"model\":\"m\"}"
            .getBytes(UTF_8);
    assertThat(RequestRewrite.apply(streamed, "m", true, true)).isSameAs(streamed);
  }

  @Test
  void changesOnlyWhatHasToChange() {
    assertThat(apply("{\"model\": \"a\" ,\"x\":1}", "b\"\u4f60", false, true))
        .isEqualTo("{\"model\": \"b\\\"\u4f60\" ,\"x\":1}");
    assertThat(apply("{\"x\":1}", "m", true, true))
        .isEqualTo(
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"x\":1}");
    assertThat(apply("{\"model\":\"m\",\"stream_options\":{\"include_usage\":true},\"n\":1}"))
        .isEqualTo("{\"model\":\"m\",\"n\":1}");
    assertThat(apply("{\"model\":\"m\" , \"stream_options\":{}}")).isEqualTo("{\"model\":\"m\" }");
    assertThat(apply("{\"stream_options\":{}}")).isEqualTo("{\"model\":\"m\"}");
    assertThat(apply("{}")).isEqualTo("{\"model\":\"m\"}");
    assertThat(apply("{\"model\":\"m\",\"stream\":true}"))
        .isEqualTo("{\"model\":\"m\",\"stream\":false}");
    assertThat(apply("{\"model\":\"m\",\"stream\":true,\"stream_options\":{}}", "m", true, true))
        .isEqualTo("{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    assertThat(
            apply(
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"a\":{}}}", "m", true, true))
        .isEqualTo(
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true,\"a\":{}}}");
    assertThat(apply("{\"model\":\"m\",\"stream\":true,\"stream_options\":null}", "m", true, true))
        .isEqualTo("{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
  }

  @Test
  void staysJsonInWhateverOrderTheMembersCome() throws Exception {
    List<List<String>> orders = new ArrayList<>();
    permute(new ArrayList<>(MEMBERS), 0, orders);
    for (List<String> order : orders) {
      for (int size = 1; size <= order.size(); size++) {
        List<String> members = order.subList(0, size);
        String body = " {" + String.join(" , ", members) + "}\n";
        check(body, true, true);
        check(body, true, false);
        check(body, false, true);
      }
    }
  }

  @Test
  void refusesWhatIsNoObject() {
    for (String body : List.of("", "[]", "{\"model\":", "nonsense", "\"text\"")) {
      assertThatThrownBy(() -> apply(body)).isInstanceOf(FaultException.class);
    }
  }

  private static void check(String body, boolean stream, boolean askUsage) throws Exception {
    var before = Json.MAPPER.readTree(body);
    var after = Json.MAPPER.readTree(apply(body, "m", stream, askUsage));
    assertThat(after.path("model").asText()).isEqualTo("m");
    assertThat(after.path("stream").asBoolean(false)).isEqualTo(stream);
    assertThat(after.path("stream_options").path("include_usage").asBoolean(false))
        .isEqualTo(stream && askUsage);
    assertThat(after.has("stream_options")).isEqualTo(stream && askUsage);
    assertThat(after.get("messages")).isEqualTo(before.get("messages"));
    assertThat(after.get("metadata")).isEqualTo(before.get("metadata"));
  }

  private static void permute(List<String> list, int at, List<List<String>> into) {
    if (at == list.size()) {
      into.add(List.copyOf(list));
      return;
    }
    for (int i = at; i < list.size(); i++) {
      java.util.Collections.swap(list, at, i);
      permute(list, at + 1, into);
      java.util.Collections.swap(list, at, i);
    }
  }

  private static String apply(String body) {
    return apply(body, "m", false, true);
  }

  private static String apply(String body, String model, boolean stream, boolean askUsage) {
    return new String(RequestRewrite.apply(body.getBytes(UTF_8), model, stream, askUsage), UTF_8);
  }
}
