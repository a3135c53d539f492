package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reader takes out of a request, and what it says of a wrong one. */
class ChatRequestReaderTest {
  private static final String USER = "{\"role\":\"user\",\"content\":\"Hi\"}";

  private final ChatRequestReader reader = new ChatRequestReader(new JsonInput(20));

  @Test
  void takesOutWhatRoutingNeeds() {
    ChatRequest request =
        read(
            "{'messages':[U],'model':'a/b','stream':true,'stream_options':{'include_usage':true,"
                + "'x':[1]},'prompt_cache_key':'k'}");
    assertThat(request).isEqualTo(new ChatRequest("a/b", true, true, "k:k", null));
  }

  @Test
  void takesNullForMissing() {
    ChatRequest request =
        read(
            "{'model':null,'messages':[U],'stream':null,'stream_options':null,'temperature':null,"
                + "'n':null,'stop':null,'tools':null,'max_tokens':null,'tool_choice':null,"
                + "'user':null,'session_id':null,'response_format':null,'modalities':null}");
    assertThat(request.model()).isNull();
    assertThat(request.stream()).isFalse();
    assertThat(request.affinity()).startsWith("p:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages':[U],'temperature':1,'top_p':0.5,'n':1,'max_tokens':-1,'seed':-5,'stop':'x',"
            + "'logit_bias':{'1':2},'logprobs':true,'top_logprobs':2,'user':'u','unknown':{'a':[]}}",
        "{'messages':[U],'stop':['a','b'],'tools':[{'type':'function','function':{'name':'f'}}],"
            + "'tool_choice':'auto','response_format':{'type':'json_object'},'metadata':{}}",
        "{'messages':[{'role':'system','content':'s'},{'role':'developer','content':'d'},"
            + "{'role':'user','content':[{'type':'text','text':'t'},{'type':'image_url',"
            + "'image_url':{'url':'u'}},{'type':'x','y':1}]},{'role':'assistant','content':null,"
            + "'tool_calls':[{'id':'1','type':'function','function':{'name':'f','arguments':'{}'}"
            + "}]},{'role':'tool','tool_call_id':'1','content':'r'},{'role':'assistant'}]}",
      })
  void letsThroughWhatClientsSend(String body) {
    assertThat(read(body)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | messages",
        "{'messages':null} | messages",
        "{'messages':'x'} | messages",
        "{'messages':[]} | messages",
        "{'messages':['x']} | messages[0]",
        "{'messages':[U,7]} | messages[1]",
        "{'messages':[{}]} | messages[0].role",
        "{'messages':[{'role':1}]} | messages[0].role",
        "{'messages':[{'role':'king','content':'x'}]} | messages[0].role",
        "{'messages':[{'role':'user'}]} | messages[0].content",
        "{'messages':[U,{'role':'user','content':null}]} | messages[1].content",
        "{'messages':[{'role':'user','content':5}]} | messages[0].content",
        "{'messages':[{'role':'user','content':[]}]} | messages[0].content",
        "{'messages':[{'role':'user','content':['x']}]} | messages[0].content[0]",
        "{'messages':[{'role':'user','content':[{}]}]} | messages[0].content[0].type",
        "{'messages':[{'role':'user','content':[{'type':'text'}]}]} | messages[0].content[0].text",
        "{'messages':[{'role':'user','content':[{'type':'text','text':{}}]}]} |"
            + " messages[0].content[0].text",
        "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':3}]}]} |"
            + " messages[0].content[0].image_url",
        "{'messages':[{'role':'user','content':'x','name':[]}]} | messages[0].name",
        "{'messages':[{'role':'assistant','tool_calls':{}}]} | messages[0].tool_calls",
        "{'messages':[{'role':'assistant','tool_calls':[1]}]} | messages[0].tool_calls[0]",
        "{'messages':[{'role':'assistant','tool_calls':[{'function':{'arguments':{}}}]}]} |"
            + " messages[0].tool_calls[0].function.arguments",
        "{'messages':[{'role':'tool','content':'x','tool_call_id':1}]} |"
            + " messages[0].tool_call_id",
        "{'messages':[U],'model':7} | model",
        "{'messages':[U],'model':' '} | model",
        "{'messages':[U],'stream':'yes'} | stream",
        "{'messages':[U],'stream':1} | stream",
        "{'messages':[U],'stream_options':[]} | stream_options",
        "{'messages':[U],'stream_options':{'include_usage':1}} | stream_options.include_usage",
        "{'messages':[U],'n':0} | n",
        "{'messages':[U],'n':1.5} | n",
        "{'messages':[U],'n':99999999999999999999999} | n",
        "{'messages':[U],'max_tokens':'9'} | max_tokens",
        "{'messages':[U],'max_completion_tokens':1.5} | max_completion_tokens",
        "{'messages':[U],'temperature':'hot'} | temperature",
        "{'messages':[U],'top_p':true} | top_p",
        "{'messages':[U],'presence_penalty':[]} | presence_penalty",
        "{'messages':[U],'stop':5} | stop",
        "{'messages':[U],'stop':['a',5]} | stop[1]",
        "{'messages':[U],'tools':{}} | tools",
        "{'messages':[U],'tools':['x']} | tools[0]",
        "{'messages':[U],'tool_choice':1} | tool_choice",
        "{'messages':[U],'response_format':'json'} | response_format",
        "{'messages':[U],'logit_bias':[]} | logit_bias",
        "{'messages':[U],'user':5} | user",
        "{'messages':[U],'session_id':{}} | session_id",
        "{'messages':[U],'modalities':'text'} | modalities",
      })
  void namesTheFieldThatIsWrong(String body, String param) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.error().status()).isEqualTo(400);
              assertThat(e.error().type()).isEqualTo("invalid_request_error");
              assertThat(e.error().param()).isEqualTo(param);
              assertThat(e.error().message()).contains(param);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | not an array",
        "7 | not an integer",
        "{'messages':[U] | line 1, column",
        "{'messages':[U]} x | line 1, column",
        "{'messages':[U]}{} | follows",
        "{'a':1,'a':2,'messages':[U]} | Duplicate",
        "{'messages':[{'role':'user','role':'system','content':'x'}]} | Duplicate",
        "{'messages':[U],'x':nope} | nope",
        "{'messages':[U],'x':01} | column",
        "{'messages':[U],'x':[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]} | deeper than 20",
      })
  void saysWhereTheJsonIsWrong(String body, String said) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.error().status()).isEqualTo(400);
              assertThat(e.error().param()).isNull();
              assertThat(e.error().message()).contains(said);
            });
  }

  @Test
  void refusesWhatIsNotUtf8() {
    assertThatThrownBy(() -> reader.read(new byte[0])).hasMessageContaining("empty");
    assertThatThrownBy(() -> reader.read("{}".getBytes(StandardCharsets.UTF_16LE)))
        .hasMessageContaining("UTF-8");
    byte[] broken = read0("{'messages':[U],'x':'?'}");
    broken[broken.length - 3] = (byte) 0xC3;
    assertThatThrownBy(() -> reader.read(broken)).hasMessageContaining("not valid JSON");
  }

  @Test
  void givesTheSameKeyWhileAConversationGoesOn() {
    String first =
        read("{'messages':[S,U]}".replace("S", "{'role':'system','content':'s'}")).affinity();
    String later =
        read("{'messages':[S,U,{'role':'assistant','content':'a'},U]}"
                .replace("S", "{'role':'system','content':'s'}"))
            .affinity();
    String other = read("{'messages':[{'role':'user','content':'Ho'}]}").affinity();
    assertThat(later).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(read("{'messages':[U],'user':'u','session_id':'s'}").affinity()).isEqualTo("s:s");
  }

  private ChatRequest read(String body) {
    return reader.read(read0(body));
  }

  private static byte[] read0(String body) {
    return body.replace('\'', '"').replace("U", USER).getBytes(StandardCharsets.UTF_8);
  }
}
