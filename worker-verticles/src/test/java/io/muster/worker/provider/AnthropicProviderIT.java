package io.muster.worker.provider;

import static io.muster.worker.provider.ModelServer.job;
import static io.muster.worker.provider.ModelServer.json;
import static io.muster.worker.provider.ModelServer.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicProviderIT {
  private static final String ASK =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  private static final String START =
      event(
          "{'type':'message_start','message':{'id':'msg_1','type':'message','role':'assistant',"
              + "'content':[],'model':'claude-x','stop_reason':null,'usage':{'input_tokens':10,"
              + "'cache_creation_input_tokens':2,'cache_read_input_tokens':3,'output_tokens':1}}}");
  private static final String TEXT =
      event("{'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}}")
          + event("{'type':'ping'}")
          + event(
              "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'Hel'}}")
          + event(
              "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'lo'}}")
          + event("{'type':'content_block_stop','index':0}");
  private static final String STOP = event("{'type':'message_stop'}");

  private final ModelServer server = new ModelServer(json(200, "{}"));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void makesOpenAisCompletionOfAMessage() {
    server.play(
        json(
            200,
            quote(
                "{'id':'msg_1','type':'message','role':'assistant','model':'claude-x','content':["
                    + "{'type':'thinking','thinking':'hm','signature':'s'},{'type':'text','text':'Let me '},"
                    + "{'type':'text','text':'look.'},{'type':'tool_use','id':'toolu_1','name':'w',"
                    + "'input':{'city':'Bonn'}}],'stop_reason':'tool_use','usage':"
                    + "{'input_tokens':10,'cache_read_input_tokens':5,'output_tokens':4}}")));
    RecordedAnswer.Done done = ask(provider(), false).done();
    assertThat(done.finishReason()).isEqualTo("tool_calls");
    assertThat(done.usage()).isEqualTo(new Usage(15, 4, false));
    assertThat(done.json())
        .isEqualTo(
            RecordedAnswer.parse(
                quote(
                    "{'id':'msg_1','object':'chat.completion','created':1790000000,'model':'claude-x',"
                        + "'choices':[{'index':0,'message':{'role':'assistant','content':'Let me look.',"
                        + "'refusal':null,'reasoning_content':'hm','tool_calls':[{'id':'toolu_1',"
                        + "'type':'function','function':{'name':'w','arguments':"
                        + "'{\\'city\\':\\'Bonn\\'}'}}]},'logprobs':null,'finish_reason':'tool_calls'}],"
                        + "'usage':{'prompt_tokens':15,'completion_tokens':4,'total_tokens':19}}")));
    ModelServer.Seen seen = server.seen.get(0);
    assertThat(seen.path()).isEqualTo("/v1/messages");
    assertThat(seen.headers())
        .containsEntry("x-api-key", "sk-ant-secret")
        .containsEntry("anthropic-version", "2023-06-01");
    assertThat(RecordedAnswer.parse(seen.body()).path("max_tokens").asInt()).isEqualTo(4096);
  }

  @Test
  void makesChunksOfAStream() {
    server.play(
        stream(
            "text/event-stream",
            START + TEXT,
            event(
                    "{'type':'message_delta','delta':{'stop_reason':'max_tokens'},"
                        + "'usage':{'output_tokens':7}}")
                + STOP));
    RecordedAnswer answer = ask(provider(), true);
    assertThat(answer.done())
        .isEqualTo(new RecordedAnswer.Done("length", new Usage(15, 7, false), null));
    List<JsonNode> chunks = answer.chunks();
    assertThat(chunks)
        .containsExactly(
            chunk("{'role':'assistant','content':''}", null),
            chunk("{'content':'Hel'}", null),
            chunk("{'content':'lo'}", null),
            chunk("{}", "length"));
    assertThat(answer.count()).isEqualTo(4);
  }

  @Test
  void makesChunksOfToolCalls() {
    server.play(
        stream(
            "text/event-stream",
            START
                + event(
                    "{'type':'content_block_start','index':0,'content_block':{'type':'thinking','thinking':''}}")
                + event(
                    "{'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'hm'}}")
                + event(
                    "{'type':'content_block_delta','index':0,'delta':{'type':'signature_delta','signature':'s'}}")
                + event(
                    "{'type':'content_block_start','index':1,'content_block':{'type':'tool_use','id':'t1','name':'w','input':{}}}")
                + event(
                    "{'type':'content_block_delta','index':1,'delta':{'type':'input_json_delta','partial_json':''}}")
                + event(
                    "{'type':'content_block_delta','index':1,'delta':{'type':'input_json_delta','partial_json':'{\\'a\\''}}")
                + event(
                    "{'type':'content_block_delta','index':1,'delta':{'type':'input_json_delta','partial_json':':1}'}}")
                + event("{'type':'content_block_stop','index':1}")
                + event(
                    "{'type':'content_block_start','index':2,'content_block':{'type':'tool_use','id':'t2','name':'v','input':{}}}")
                + event("{'type':'content_block_stop','index':2}")
                + event(
                    "{'type':'message_delta','delta':{'stop_reason':'tool_use'},'usage':{'output_tokens':9}}")
                + STOP));
    RecordedAnswer answer = ask(provider(), true);
    assertThat(answer.done().finishReason()).isEqualTo("tool_calls");
    assertThat(answer.chunks())
        .containsExactly(
            chunk("{'role':'assistant','content':''}", null),
            chunk("{'reasoning_content':'hm'}", null),
            chunk(
                "{'tool_calls':[{'index':0,'id':'t1','type':'function','function':{'name':'w','arguments':''}}]}",
                null),
            chunk("{'tool_calls':[{'index':0,'function':{'arguments':'{\\'a\\''}}]}", null),
            chunk("{'tool_calls':[{'index':0,'function':{'arguments':':1}'}}]}", null),
            chunk(
                "{'tool_calls':[{'index':1,'id':'t2','type':'function','function':{'name':'v','arguments':''}}]}",
                null),
            chunk("{'tool_calls':[{'index':1,'function':{'arguments':'{}'}}]}", null),
            chunk("{}", "tool_calls"));
  }

  @Test
  void failsAStreamThatIsCutOrBreaksOff() {
    server.play(stream("text/event-stream", START + TEXT));
    RecordedAnswer cut = ask(provider(), true);
    assertThat(cut.fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(cut.text()).isEqualTo("Hello");

    server.play(
        stream(
            "text/event-stream",
            START
                + event(
                    "{'type':'error','error':{'type':'overloaded_error','message':'Overloaded'}}")));
    Fault overloaded = ask(provider(), true).fault();
    assertThat(overloaded.failure()).isEqualTo(Failure.PROVIDER_LIMITED);
    assertThat(overloaded.message()).contains("Overloaded");
    server.play(stream("text/event-stream", "data: nonsense\n\n"));
    assertThat(ask(provider(), true).fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
  }

  @ParameterizedTest
  @CsvSource({
    "400,invalid_request_error,BAD_REQUEST",
    "401,authentication_error,PROVIDER_AUTH",
    "403,permission_error,PROVIDER_AUTH",
    "413,request_too_large,TOO_LARGE",
    "429,rate_limit_error,PROVIDER_LIMITED",
    "500,api_error,PROVIDER_ERROR",
    "529,overloaded_error,PROVIDER_LIMITED",
  })
  void tellsRefusalsApart(int status, String type, Failure failure) {
    server.play(
        json(
            status,
            quote(
                "{'type':'error','error':{'type':'" + type + "','message':'m'},'request_id':'r'}"),
            "retry-after",
            "3"));
    Fault fault = ask(provider(), false).fault();
    assertThat(fault.failure()).isEqualTo(failure);
    if (failure == Failure.PROVIDER_LIMITED) {
      assertThat(fault.retryAfterMs()).isEqualTo(3_000);
    }
    if (failure == Failure.BAD_REQUEST) {
      assertThat(RecordedAnswer.parse(fault.detail()).path("type").asText()).isEqualTo(type);
    }
  }

  @Test
  void knowsAnUnknownModel() {
    server.play(
        json(
            404,
            quote(
                "{'type':'error','error':{'type':'not_found_error','message':'model: claude-y'}}")));
    assertThat(ask(provider(), true).fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
  }

  @Test
  void refusesWhatItCannotExpressWithoutAsking() {
    RecordedAnswer answer = new RecordedAnswer();
    server.call(provider(), job(true, "{\"messages\":[]}"), answer);
    assertThat(answer.fault().failure()).isEqualTo(Failure.BAD_REQUEST);
    assertThat(server.seen).isEmpty();
  }

  @Test
  void closesTheConnectionOfACancelledJob() {
    server.play((response, seen) -> response.setChunked(true).write(START));
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call = server.call(provider(), job(true, ASK), answer);
    await().until(() -> answer.count() == 1);
    server.onLoop(
        () -> {
          call.cancel();
          return null;
        });
    await().until(() -> server.closed.get() == 1);
    assertThat(answer.hasEnded()).isFalse();
  }

  @Test
  void listsModels() {
    server.play(
        json(
            200,
            quote(
                "{'data':[{'type':'model','id':'claude-x','display_name':'Claude X',"
                    + "'created_at':'2026-02-19T00:00:00Z'},{'type':'model','id':'claude-y',"
                    + "'created_at':'1970-01-01T00:00:00Z','max_input_tokens':1000000}],"
                    + "'has_more':false}")));
    assertThat(server.awaitOnLoop(provider()::models))
        .containsExactly(
            new ModelInfo(
                "claude-x",
                "anthropic",
                "anthropic",
                Instant.parse("2026-02-19T00:00:00Z").getEpochSecond(),
                200_000),
            new ModelInfo("claude-y", "anthropic", "anthropic", 0, 1_000_000));
    assertThat(server.seen.get(0).path()).isEqualTo("/v1/models?limit=1000");
  }

  private RecordedAnswer ask(Provider provider, boolean stream) {
    RecordedAnswer answer = new RecordedAnswer();
    server.call(provider, job(stream, ASK), answer);
    return answer;
  }

  private AnthropicProvider provider() {
    return new AnthropicProvider(
        server.vertx,
        new AnthropicProvider.Options(
            server.url() + "/v1/",
            "sk-ant-secret",
            "2023-06-01",
            4096,
            null,
            ModelServer.options(5_000, 5_000)),
        Clock.fixed(Instant.ofEpochSecond(1_790_000_000), ZoneOffset.UTC));
  }

  private static JsonNode chunk(String delta, String finish) {
    return RecordedAnswer.parse(
        quote(
            "{'id':'msg_1','object':'chat.completion.chunk','created':1790000000,'model':'claude-x',"
                + "'choices':[{'index':0,'delta':"
                + delta
                + ",'finish_reason':"
                + (finish == null ? "null" : "'" + finish + "'")
                + "}]}"));
  }

  private static String event(String json) {
    String type = json.substring(9, json.indexOf('\'', 9));
    return "event: " + type + "\ndata: " + quote(json) + "\n\n";
  }

  private static String quote(String json) {
    return json.replace("\\'", "\\\"").replace('\'', '"');
  }
}
