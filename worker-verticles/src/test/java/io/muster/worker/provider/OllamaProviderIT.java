package io.muster.worker.provider;

import static io.muster.worker.provider.ModelServer.job;
import static io.muster.worker.provider.ModelServer.json;
import static io.muster.worker.provider.ModelServer.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OllamaProviderIT {
  private static final String ND = "application/x-ndjson";
  private static final String ASK =
      quote("{'model':'m','messages':[{'role':'user','content':'Hi'}]}");
  private static final String LAST =
      line(
          "{'model':'m','created_at':'2026-11-21T10:00:00Z','message':{'role':'assistant',"
              + "'content':''},'done_reason':'stop','done':true,'total_duration':1,"
              + "'prompt_eval_count':26,'eval_count':3}");

  private final ModelServer server = new ModelServer(json(200, "{}"));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void makesOpenAisCompletionOfAReply() {
    server.play(
        json(
            200,
            quote(
                "{'model':'m','created_at':'2026-11-21T10:00:00Z','message':{'role':'assistant',"
                    + "'content':'Hello','thinking':'hm'},'done':true,'done_reason':'length',"
                    + "'prompt_eval_count':11,'eval_count':2}")));
    RecordedAnswer.Done done = ask(false, ASK).done();
    assertThat(done.finishReason()).isEqualTo("length");
    assertThat(done.usage()).isEqualTo(new Usage(11, 2, false));
    assertThat(done.text()).isEqualTo("Hello");
    assertThat(done.json().at("/choices/0/message/reasoning_content").asText()).isEqualTo("hm");
    assertThat(done.json().path("id").asText()).isEqualTo("chatcmpl-job-1");
    ModelServer.Seen seen = server.seen.get(0);
    assertThat(seen.path()).isEqualTo("/api/chat");
    assertThat(RecordedAnswer.parse(seen.body()))
        .isEqualTo(
            RecordedAnswer.parse(
                quote("{'model':'m','stream':false,'messages':[{'role':'user','content':'Hi'}]}")));
  }

  @Test
  void makesChunksOfAStream() {
    server.play(
        stream(
            ND,
            part("Hel") + part("lo").substring(0, 20),
            part("lo").substring(20) + "\r\n" + LAST));
    RecordedAnswer answer = ask(true, ASK);
    assertThat(answer.done())
        .isEqualTo(new RecordedAnswer.Done("stop", new Usage(26, 3, false), null));
    List<JsonNode> chunks = answer.chunks();
    assertThat(chunks).hasSize(4);
    assertThat(chunks.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(answer.text()).isEqualTo("Hello");
    assertThat(chunks.get(3).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(chunks).extracting(c -> c.path("created").asLong()).containsOnly(1_790_000_000L);
  }

  @Test
  void makesToolCallsOfBothForms() {
    String calls =
        "'tool_calls':[{'function':{'name':'w','arguments':{'city':'Bonn'}}},"
            + "{'id':'own','function':{'name':'v','arguments':{}}}]";
    server.play(
        stream(
            ND,
            line("{'message':{'role':'assistant','content':''," + calls + "},'done':false}")
                + LAST));
    RecordedAnswer answer = ask(true, ASK);
    assertThat(answer.done().finishReason()).isEqualTo("tool_calls");
    assertThat(answer.chunks().get(1).at("/choices/0/delta/tool_calls/0"))
        .isEqualTo(
            RecordedAnswer.parse(
                quote(
                    "{'index':0,'id':'call_job-1_0','type':'function','function':{'name':'w',"
                        + "'arguments':'{\\'city\\':\\'Bonn\\'}'}}")));
    assertThat(answer.chunks().get(2).at("/choices/0/delta/tool_calls/0/id").asText())
        .isEqualTo("own");

    server.play(
        json(
            200,
            quote(
                "{'message':{'role':'assistant','content':'',"
                    + calls
                    + "},'done':true,"
                    + "'done_reason':'stop'}")));
    RecordedAnswer.Done whole = ask(false, ASK).done();
    assertThat(whole.finishReason()).isEqualTo("tool_calls");
    assertThat(whole.json().at("/choices/0/message/content").isNull()).isTrue();
    assertThat(whole.json().at("/choices/0/message/tool_calls/1/function/arguments").asText())
        .isEqualTo("{}");
    assertThat(whole.usage().estimated()).isTrue();
  }

  @Test
  void carriesARequestOver() {
    server.play(stream(ND, LAST));
    ask(
            true,
            quote(
                "{'model':'x','messages':[{'role':'developer','content':'Be kind'},{'role':'user',"
                    + "'content':[{'type':'text','text':'What?'},{'type':'image_url','image_url':"
                    + "{'url':'data:image/png;base64,QUJD'}}]},{'role':'assistant','content':null,"
                    + "'tool_calls':[{'id':'c1','type':'function','function':{'name':'w',"
                    + "'arguments':'{\\'a\\':1}'}}]},{'role':'tool','tool_call_id':'c1',"
                    + "'content':'rain'}],'tools':[{'type':'function','function':{'name':'w'}}],"
                    + "'max_tokens':9,'temperature':0.5,'top_p':0.9,'seed':7,'stop':'END',"
                    + "'frequency_penalty':0.1,'response_format':{'type':'json_schema',"
                    + "'json_schema':{'name':'n','schema':{'type':'object'}}},"
                    + "'reasoning_effort':'low','logprobs':true}"))
        .done();
    assertThat(RecordedAnswer.parse(server.seen.get(0).body()))
        .isEqualTo(
            RecordedAnswer.parse(
                quote(
                    "{'model':'m','stream':true,'tools':[{'type':'function','function':{'name':'w'}}],"
                        + "'think':'low','format':{'type':'object'},'options':{'temperature':0.5,"
                        + "'top_p':0.9,'seed':7,'frequency_penalty':0.1,'num_predict':9,"
                        + "'stop':['END']},'messages':[{'role':'system','content':'Be kind'},"
                        + "{'role':'user','content':'What?','images':['QUJD']},{'role':'assistant',"
                        + "'content':'','tool_calls':[{'id':'c1','function':{'name':'w',"
                        + "'arguments':{'a':1}}}]},{'role':'tool','content':'rain',"
                        + "'tool_name':'w','tool_call_id':'c1'}]}")));
    assertThat(
            ask(
                    true,
                    quote(
                        "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':"
                            + "{'url':'https://x/y.png'}}]}]}"))
                .fault()
                .failure())
        .isEqualTo(Failure.BAD_REQUEST);
  }

  @Test
  void failsAStreamThatIsCutOrBreaksOff() {
    server.play(stream(ND, part("Hel")));
    RecordedAnswer cut = ask(true, ASK);
    assertThat(cut.fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(cut.text()).isEqualTo("Hel");
    server.play(stream(ND, part("Hel") + line("{'error':'model runner has stopped'}")));
    assertThat(ask(true, ASK).fault().message()).contains("model runner has stopped");
    server.play(stream(ND, "nonsense\n"));
    assertThat(ask(true, ASK).fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
  }

  @Test
  void tellsRefusalsApart() {
    server.play(json(404, quote("{'error':'model \\'m\\' not found, try pulling it first'}")));
    assertThat(ask(true, ASK).fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
    server.play(json(400, quote("{'error':'m does not support tools'}")));
    assertThat(ask(false, ASK).fault().failure()).isEqualTo(Failure.BAD_REQUEST);
    server.play(json(503, quote("{'error':'server busy, please try again'}")));
    assertThat(ask(false, ASK).fault().failure()).isEqualTo(Failure.PROVIDER_LIMITED);
    server.play(json(500, quote("{'error':'unexpected EOF'}")));
    assertThat(ask(true, ASK).fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
  }

  @Test
  void closesTheConnectionOfACancelledJob() {
    server.play((response, seen) -> response.setChunked(true).write(part("Hel")));
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call = server.call(provider(), job(true, ASK), answer);
    await().until(() -> answer.count() > 0);
    server.onLoop(
        () -> {
          call.cancel();
          return null;
        });
    await().until(() -> server.closed.get() == 1);
  }

  @Test
  void listsModelsThatChatWithTheirContexts() {
    server.play(
        (response, seen) -> {
          String answer =
              switch (seen.path()) {
                case "/api/tags" ->
                    "{'models':[{'name':'llama3:8b','model':'llama3:8b','digest':'d1',"
                        + "'modified_at':'2026-11-04T14:56:49.277302595-07:00'},"
                        + "{'name':'small','model':'small','digest':'d2'},"
                        + "{'name':'embed','model':'embed','digest':'d3'},"
                        + "{'name':'set','model':'set','digest':'d4'},"
                        + "{'name':'runs','model':'runs','digest':'d5'}]}";
                case "/api/ps" -> "{'models':[{'model':'runs','context_length':16384}]}";
                default ->
                    switch (RecordedAnswer.parse(seen.body()).path("model").asText()) {
                      case "embed" -> "{'capabilities':['embedding']}";
                      case "set" -> "{'parameters':'stop    x\\nnum_ctx   32768'}";
                      case "small" ->
                          "{'model_info':{'general.architecture':'a','a.context_length':2048}}";
                      default ->
                          "{'capabilities':['completion','tools'],'model_info':{"
                              + "'general.architecture':'llama','llama.context_length':131072}}";
                    };
              };
          response.end(quote(answer));
        });
    OllamaProvider provider = provider();
    assertThat(server.awaitOnLoop(provider::models))
        .containsExactly(
            new ModelInfo(
                "llama3:8b",
                "ollama",
                "ollama",
                Instant.parse("2026-11-04T21:56:49Z").getEpochSecond(),
                4096),
            new ModelInfo("small", "ollama", "ollama", 0, 2048),
            new ModelInfo("set", "ollama", "ollama", 0, 32768),
            new ModelInfo("runs", "ollama", "ollama", 0, 16384));
    int asked = server.seen.size();
    server.awaitOnLoop(provider::models);
    assertThat(server.seen).hasSize(asked + 2);
  }

  @Test
  void listsNothingWhereThereIsNothing() {
    server.play(json(200, "{\"models\":[]}"));
    assertThat(server.awaitOnLoop(provider()::models)).isEmpty();
    server.play(json(404, "not Ollama"));
    assertThat(server.awaitOnLoop(provider()::models)).isEmpty();
  }

  @Test
  void listsModelsThatCannotBeShown() {
    server.play(
        (response, seen) -> {
          if (seen.path().equals("/api/tags")) {
            response.end(quote("{'models':[{'name':'a'},{'model':'b'}]}"));
          } else {
            response.setStatusCode(500).end();
          }
        });
    assertThat(server.awaitOnLoop(provider()::models))
        .extracting(ModelInfo::id)
        .containsExactly("a", "b");
  }

  private RecordedAnswer ask(boolean stream, String body) {
    RecordedAnswer answer = new RecordedAnswer();
    server.call(provider(), job(stream, body), answer);
    return answer;
  }

  private OllamaProvider provider() {
    return new OllamaProvider(
        server.vertx,
        server.url(),
        ModelServer.options(5_000, 5_000),
        Clock.fixed(Instant.ofEpochSecond(1_790_000_000), ZoneOffset.UTC));
  }

  private static String part(String text) {
    return line(
        "{'model':'m','message':{'role':'assistant','content':'" + text + "'},'done':false}");
  }

  private static String line(String json) {
    return quote(json) + "\n";
  }

  private static String quote(String json) {
    return json.replace("\\'", "\\\"").replace('\'', '"');
  }
}
