package io.muster.hub.tool;

import static io.muster.hub.tool.ToolWorld.piece;
import static io.muster.hub.tool.ToolWorld.role;
import static io.muster.hub.tool.ToolWorld.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobHandle;
import io.muster.job.Frame;
import io.muster.job.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolLoopTest {
  private static final String REQUEST =
      "{\"model\":\"m\",\"muster\":{\"tools\":true},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private final ToolWorld world = new ToolWorld();

  /** A round in which the model calls echo, in fragments. */
  private static Consumer<ToolWorld.Asked> calls(String arguments) {
    return asked ->
        asked
            .started()
            .deltas(role(), piece(0, "c1", "echo", ""))
            .deltas(piece(0, null, null, arguments.substring(0, 2)))
            .deltas(piece(0, null, null, arguments.substring(2)))
            .end("tool_calls", 10, 2);
  }

  private static Consumer<ToolWorld.Asked> says(String text) {
    return asked -> asked.started().deltas(role(), text(text)).end("stop", 20, 3);
  }

  @Test
  void fragmentsAreACallAndItsResultGoesBackToTheModel() {
    world.model.add(calls("{\"a\":1}"));
    world.model.add(says("done"));
    world.answers.put("echo", new JsonObject().put("a", 1));

    world.begin(true, REQUEST, "echo");

    assertThat(world.called).hasSize(1);
    assertThat(world.called.get(0).args).isEqualTo(new JsonObject().put("a", 1));
    JsonObject first = world.asked.get(0).body();
    assertThat(first.containsKey("muster")).isFalse();
    assertThat(first.getJsonArray("tools").getJsonObject(0).getJsonObject("function").getMap())
        .containsEntry("name", "echo")
        .containsEntry("description", "does echo");
    JsonArray messages = world.asked.get(1).body().getJsonArray("messages");
    assertThat(messages.getJsonObject(1).encode())
        .isEqualTo(
            "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":"
                + "\"function\",\"function\":{\"name\":\"echo\",\"arguments\":\"{\\\"a\\\":1}\"}}]}");
    assertThat(messages.getJsonObject(2).encode())
        .isEqualTo("{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"{\\\"a\\\":1}\"}");
    assertThat(world.said()).isEqualTo("done");
    assertThat(world.done.finishReason()).isEqualTo("stop");
    assertThat(world.done.usage()).isEqualTo(new Usage(30, 5, false));
    assertThat(world.admitted).isEqualTo(2);
    assertThat(world.ends).isOne();
  }

  @Test
  void theClientSeesOneStreamWithTheStepsInIt() {
    world.model.add(
        asked ->
            asked
                .started()
                .deltas(role(), text("Let me look."))
                .deltas(piece(0, "c1", "echo", "{}"))
                .end("tool_calls", 1, 1));
    world.model.add(says("Here."));
    world.answers.put("echo", "42");

    world.begin(true, REQUEST, "echo");

    assertThat(world.chunks).extracting(chunk -> chunk.getString("id")).containsOnly("c-j");
    assertThat(world.chunks.stream().filter(chunk -> ToolWorld.delta(chunk).containsKey("role")))
        .hasSize(1);
    assertThat(world.chunks)
        .allSatisfy(
            chunk -> assertThat(ToolWorld.delta(chunk).containsKey("tool_calls")).isFalse());
    assertThat(world.said()).isEqualTo("Let me look.\n\nHere.");
    assertThat(world.steps())
        .extracting(step -> step.getString("type"))
        .containsExactly("tool_call", "tool_result");
    assertThat(world.steps().get(1).encode())
        .isEqualTo(
            "{\"type\":\"tool_result\",\"round\":1,\"id\":\"c1\",\"tool\":\"echo\",\"ok\":true,"
                + "\"node_id\":\"w2\",\"task_id\":\"task-1\",\"ms\":3,\"result\":\"42\"}");
    List<String> ends =
        world.chunks.stream()
            .map(chunk -> chunk.getJsonArray("choices").getJsonObject(0).getString("finish_reason"))
            .filter(reason -> reason != null)
            .toList();
    assertThat(ends).containsExactly("stop");
    assertThat(world.events.get(0))
        .containsAllEntriesOf(Map.of("toolName", "echo", "ok", true, "requestId", "r"));
  }

  @Test
  void severalCallsRunAtOnce() {
    world.model.add(
        asked ->
            asked
                .started()
                .deltas(piece(0, "c1", "echo", "{\"n\":1}"), piece(1, "c2", "clock", "{\"n\":2}"))
                .end("tool_calls", 1, 1));
    world.model.add(says("both"));

    world.begin(true, REQUEST, "echo", "clock");

    assertThat(world.called).extracting(call -> call.name).containsExactly("echo", "clock");
    world.called.get(1).result.complete(new ToolResult("second", null, "w2", "t2", 1));
    assertThat(world.asked).hasSize(1);
    world.called.get(0).result.complete(new ToolResult("first", null, "w1", "t1", 2));
    assertThat(world.asked.get(1).body().getJsonArray("messages").encode())
        .contains("\"tool_call_id\":\"c1\",\"content\":\"first\"")
        .contains("\"tool_call_id\":\"c2\",\"content\":\"second\"");
    assertThat(world.said()).isEqualTo("both");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nope | {}         | tool_not_found    | there is no tool nope; there are: echo",
        "echo | {\"a\": 1  | invalid_arguments | the arguments are not a JSON object",
        "echo | [1]        | invalid_arguments | the arguments are not a JSON object",
        "echo | {} {}      | invalid_arguments | the arguments are not a JSON object"
      })
  void whatIsWrongWithACallIsToldToTheModel(
      String tool, String arguments, String code, String message) {
    world.model.add(
        asked -> asked.started().deltas(piece(0, "c1", tool, arguments)).end("tool_calls", 1, 1));
    world.model.add(says("sorry"));

    world.begin(true, REQUEST, "echo");

    assertThat(world.called).isEmpty();
    JsonArray messages = world.asked.get(1).body().getJsonArray("messages");
    JsonObject error =
        new JsonObject(messages.getJsonObject(2).getString("content")).getJsonObject("error");
    assertThat(error.getString("code")).isEqualTo(code);
    assertThat(error.getString("message")).isEqualTo(message);
    // What goes back to the model server is JSON all the same: some refuse the request otherwise.
    String shown =
        messages
            .getJsonObject(1)
            .getJsonArray("tool_calls")
            .getJsonObject(0)
            .getJsonObject("function")
            .getString("arguments");
    assertThat(new JsonObject(shown)).isNotNull();
    assertThat(world.said()).isEqualTo("sorry");
  }

  @Test
  void aToolsFailureIsAResultToo() {
    world.model.add(calls("{\"a\":1}"));
    world.model.add(says("I see"));
    world.answers.put(
        "echo", new ToolResult(null, new ToolResult.Problem("tool_failed", "no"), "w2", "t", 1));

    world.begin(true, REQUEST, "echo");

    assertThat(world.asked.get(1).body().getJsonArray("messages").encode())
        .contains("\\\"code\\\":\\\"tool_failed\\\"");
    assertThat(world.steps().get(1).getJsonObject("error").getString("message")).isEqualTo("no");
    assertThat(world.done).isNotNull();
  }

  @Test
  void aModelThatOnlyCallsIsStopped() {
    world.options = new ToolOptions(3, 16, 60_000, 1_000, 100);
    world.model.add(calls("{\"a\":1}"));
    world.answers.put("echo", "again");

    world.begin(true, REQUEST, "echo");

    assertThat(world.asked).hasSize(4);
    assertThat(world.called).hasSize(3);
    assertThat(world.asked.get(2).body().containsKey("tool_choice")).isFalse();
    assertThat(world.asked.get(3).body().getString("tool_choice")).isEqualTo("none");
    assertThat(world.done.finishReason()).isEqualTo("length");
    assertThat(world.chunks.get(world.chunks.size() - 1).getJsonObject("muster").encode())
        .isEqualTo("{\"rounds\":4,\"stopped\":\"max_rounds\"}");
  }

  @Test
  void tooManyCallsAtOnceAreRefusedOneByOne() {
    world.options = new ToolOptions(3, 1, 60_000, 1_000, 100);
    world.model.add(
        asked ->
            asked
                .started()
                .deltas(piece(0, "c1", "echo", "{}"), piece(1, "c2", "echo", "{}"))
                .end("tool_calls", 1, 1));
    world.model.add(says("fine"));
    world.answers.put("echo", "x");

    world.begin(true, REQUEST, "echo");

    assertThat(world.called).hasSize(1);
    assertThat(world.asked.get(1).body().encode()).contains("too_many_calls");
  }

  @Test
  void aLongResultIsCut() {
    world.options = new ToolOptions(3, 16, 60_000, 1_000, 10);
    world.model.add(calls("{\"a\":1}"));
    world.model.add(says("long"));
    world.answers.put("echo", "0123456789ABCDEF");

    world.begin(true, REQUEST, "echo");

    assertThat(
            world
                .asked
                .get(1)
                .body()
                .getJsonArray("messages")
                .getJsonObject(2)
                .getString("content"))
        .isEqualTo("0123456789\n[cut here: 10 of 16 characters]");
  }

  @Test
  void aResultIsCutBetweenCharacters() {
    world.options = new ToolOptions(3, 16, 60_000, 1_000, 4);
    world.model.add(calls("{\"a\":1}"));
    world.model.add(says("long"));
    world.answers.put("echo", "abc😀d");

    world.begin(true, REQUEST, "echo");

    assertThat(world.asked.get(1).body().encode())
        .contains("\"content\":\"abc\\n[cut here: 3 of 6 characters]\"");
  }

  @Test
  void toolsWhoseNamesAreOneToAModelAreToldApart() {
    String second = "files__" + "a".repeat(80) + ".two";
    world.model.add(asked -> asked.started());

    world.begin(true, REQUEST, "files__a.b", "files__a_b", "files__" + "a".repeat(80), second);

    List<String> names =
        world.asked.get(0).body().getJsonArray("tools").stream()
            .map(tool -> ((JsonObject) tool).getJsonObject("function").getString("name"))
            .toList();
    assertThat(names).hasSize(4).doesNotHaveDuplicates().allMatch(name -> name.length() <= 64);
    world.asked.get(0).deltas(piece(0, "c2", names.get(3), "{}")).end("tool_calls", 1, 1);
    assertThat(world.called.get(0).name).isEqualTo(second);
  }

  @Test
  void aModelThatCannotBeAskedAgainEndsTheChat() {
    world.model.add(calls("{\"a\":1}"));
    world.model.add(
        asked -> {
          throw new IllegalStateException("no more");
        });
    world.answers.put("echo", "x");

    world.begin(true, REQUEST, "echo");

    assertThat(world.fault.failure()).isEqualTo(Failure.INTERNAL);
    assertThat(world.ends).isOne();
  }

  @Test
  void theClientsOwnToolsAreItsOwn() {
    String request =
        "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"mine\"}}],"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    world.model.add(
        asked ->
            asked
                .started()
                .deltas(piece(0, "c1", "echo", "{}"), piece(1, "c2", "mine", "{\"x\""))
                .deltas(piece(1, null, null, ":1}"))
                .end("tool_calls", 1, 1));

    world.begin(true, request, "echo");

    assertThat(world.called).isEmpty();
    assertThat(world.asked).hasSize(1);
    assertThat(world.done.finishReason()).isEqualTo("tool_calls");
    List<JsonObject> calls =
        world.chunks.stream()
            .map(ToolWorld::delta)
            .filter(delta -> delta.containsKey("tool_calls"))
            .map(delta -> delta.getJsonArray("tool_calls").getJsonObject(0))
            .toList();
    assertThat(calls).hasSize(1);
    assertThat(calls.get(0).encode())
        .isEqualTo(
            "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"mine\",\"arguments\":"
                + "\"{\\\"x\\\":1}\"},\"index\":0}");
  }

  @Test
  void aToolOfTheSameNameIsTheClients() {
    String request =
        "{\"model\":\"m\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"echo\"}}],"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    world.model.add(calls("{\"a\":1}"));

    world.begin(true, request, "echo");

    assertThat(world.asked.get(0).body().getJsonArray("tools")).hasSize(1);
    assertThat(world.called).isEmpty();
    assertThat(world.done.finishReason()).isEqualTo("tool_calls");
  }

  @Test
  void cancellingEndsTheToolAndNothingMoreIsAsked() {
    world.model.add(calls("{\"a\":1}"));
    JobHandle chat = world.begin(true, REQUEST, "echo");

    chat.cancel("the client went away");
    assertThat(world.called.get(0).cancelled).isEqualTo("the client went away");
    world.called.get(0).result.complete(new ToolResult("late", null, "w", "t", 1));

    assertThat(world.asked).hasSize(1);
    assertThat(world.ends).isZero();
  }

  @Test
  void cancellingEndsTheModelsSecondAnswer() {
    world.model.add(calls("{\"a\":1}"));
    world.model.add(asked -> asked.started().deltas(role(), text("I")));
    world.answers.put("echo", "x");
    JobHandle chat = world.begin(true, REQUEST, "echo");

    chat.cancel("gone");

    assertThat(world.asked.get(1).cancelled).isEqualTo("gone");
    world.asked.get(1).end("stop", 1, 1);
    assertThat(world.ends).isZero();
  }

  @Test
  void timeIsForAllOfIt() {
    world.options = new ToolOptions(3, 16, 5_000, 60_000, 100);
    world.model.add(calls("{\"a\":1}"));
    world.begin(true, REQUEST, "echo");

    assertThat(world.asked.get(0).job.timeoutMs()).isEqualTo(5_000);
    assertThat(world.called.get(0).timeout.toMillis()).isEqualTo(5_000);
    world.now = 5_000_000_000L;
    world
        .called
        .get(0)
        .result
        .complete(
            new ToolResult(null, new ToolResult.Problem("timeout", "too long"), "w", "t", 5_000));

    assertThat(world.fault.failure()).isEqualTo(Failure.DEADLINE);
    assertThat(world.asked).hasSize(1);
  }

  @Test
  void aRoundThatTheQuotaRefusesEndsTheChat() {
    world.model.add(calls("{\"a\":1}"));
    world.answers.put("echo", "x");
    world.quota = Future.failedFuture(Fault.of(Failure.RATE_LIMITED, "enough", 7).asException());

    world.begin(true, REQUEST, "echo");

    assertThat(world.asked).hasSize(1);
    assertThat(world.fault).isEqualTo(Fault.of(Failure.RATE_LIMITED, "enough", 7));
  }

  @Test
  void whatIsSwallowedOfAStreamIsGrantedAgain() {
    world.model.add(asked -> asked.started().deltas(role()).deltas(piece(0, "c1", "echo", "{}")));
    JobHandle chat = world.begin(true, REQUEST, "echo");

    assertThat(world.asked.get(0).granted).isEqualTo(1);
    // The role went to the client, who has taken it.
    chat.grant(1);
    assertThat(world.asked.get(0).granted).isEqualTo(2);
  }

  @Test
  void anAnswerThatIsNotStreamedIsOneWithItsSteps() {
    world.model.add(
        asked ->
            whole(
                asked,
                "Let me see.",
                "{\"id\":\"c1\",\"type\":\"function\","
                    + "\"function\":{\"name\":\"echo\",\"arguments\":\"{}\"}}"));
    world.model.add(asked -> whole(asked, "Seen.", null));
    world.answers.put("echo", "x");

    world.begin(false, REQUEST, "echo");

    JsonObject answer = new JsonObject(new String(world.done.body(), StandardCharsets.UTF_8));
    JsonObject choice = answer.getJsonArray("choices").getJsonObject(0);
    assertThat(choice.getJsonObject("message").getString("content"))
        .isEqualTo("Let me see.\n\nSeen.");
    assertThat(choice.getJsonObject("message").containsKey("tool_calls")).isFalse();
    assertThat(choice.getString("finish_reason")).isEqualTo("stop");
    assertThat(answer.getJsonObject("usage").getInteger("total_tokens")).isEqualTo(6);
    assertThat(answer.getJsonObject("muster").getJsonArray("steps")).hasSize(2);
    assertThat(answer.getJsonObject("muster").getInteger("rounds")).isEqualTo(2);
  }

  private static void whole(ToolWorld.Asked asked, String content, String call) {
    JsonObject message = new JsonObject().put("role", "assistant").put("content", content);
    if (call != null) {
      message.put("tool_calls", new JsonArray().add(new JsonObject(call)));
    }
    asked.started();
    asked.listener.done(
        new Frame.Done(
            1,
            0,
            call == null ? "stop" : "tool_calls",
            new Usage(2, 1, false),
            new JsonObject()
                .put("id", "x")
                .put(
                    "choices",
                    new JsonArray()
                        .add(
                            new JsonObject()
                                .put("message", message)
                                .put("finish_reason", call == null ? "stop" : "tool_calls")))
                .toBuffer()
                .getBytes()));
  }
}
