package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicRequestTest {
  private static final String OLD = "2023-06-01";

  @Test
  void putsSystemTextsOnTopAndNamesALimit() {
    assertThat(
            convert(
                "{'model':'x','messages':[{'role':'system','content':'Be kind.'},"
                    + "{'role':'developer','content':[{'type':'text','text':'Be brief.'}]},"
                    + "{'role':'user','content':'Hi'}]}"))
        .isEqualTo(
            json(
                "{'model':'claude','max_tokens':4096,'stream':false,"
                    + "'system':'Be kind.\\n\\nBe brief.',"
                    + "'messages':[{'role':'user','content':'Hi'}]}"));
  }

  @Test
  void carriesParametersOver() {
    JsonNode sent =
        convert(
            "{'messages':[{'role':'user','content':'Hi'}],'max_tokens':5,'max_completion_tokens':7,"
                + "'temperature':1.5,'top_p':0.9,'top_k':3,'stop':['a',' ','b'],'user':'u1',"
                + "'frequency_penalty':1,'seed':3,'response_format':{'type':'text'},"
                + "'thinking':{'type':'enabled','budget_tokens':1024},'n':1,'stream':true}");
    assertThat(sent)
        .isEqualTo(
            json(
                "{'model':'claude','max_tokens':7,'stream':false,'temperature':1.0,'top_k':3,"
                    + "'thinking':{'type':'enabled','budget_tokens':1024},"
                    + "'stop_sequences':['a','b'],'metadata':{'user_id':'u1'},"
                    + "'messages':[{'role':'user','content':'Hi'}]}"));
    assertThat(convert("{'messages':[{'role':'user','content':'x'}],'top_p':0.9,'stop':'s'}"))
        .isEqualTo(
            json(
                "{'model':'claude','max_tokens':4096,'stream':false,'top_p':0.9,"
                    + "'stop_sequences':['s'],'messages':[{'role':'user','content':'x'}]}"));
  }

  @Test
  void leavesSamplingOutForVersionsThatRefuseIt() {
    byte[] body =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":1,\"top_k\":2}"
            .getBytes(UTF_8);
    JsonNode sent =
        RecordedAnswer.parse(
            new String(AnthropicRequest.convert(body, "m", true, "2026-10-21", 9), UTF_8));
    assertThat(sent.has("temperature")).isFalse();
    assertThat(sent.has("top_k")).isFalse();
    assertThat(sent.path("stream").asBoolean()).isTrue();
    assertThat(sent.path("max_tokens").asInt()).isEqualTo(9);
  }

  @Test
  void makesBlocksOfImagesAndFiles() {
    assertThat(
            convert(
                    "{'messages':[{'role':'user','content':[{'type':'text','text':'What?'},"
                        + "{'type':'text','text':''},"
                        + "{'type':'image_url','image_url':{'url':'data:image/jpeg;base64,QUJD'}},"
                        + "{'type':'image_url','image_url':{'url':'https://x/y.png'}},"
                        + "{'type':'file','file':{'file_data':'data:application/pdf;base64,QQ=='}}"
                        + "]}]}")
                .at("/messages/0/content"))
        .isEqualTo(
            json(
                "[{'type':'text','text':'What?'},{'type':'image','source':{'type':'base64',"
                    + "'media_type':'image/jpeg','data':'QUJD'}},{'type':'image','source':"
                    + "{'type':'url','url':'https://x/y.png'}},{'type':'document','source':"
                    + "{'type':'base64','media_type':'application/pdf','data':'QQ=='}}]"));
  }

  @Test
  void carriesToolsTheirCallsAndTheirResultsOver() {
    JsonNode sent =
        convert(
            "{'messages':[{'role':'user','content':'Weather?'},{'role':'assistant','content':null,"
                + "'tool_calls':[{'id':'call_1','type':'function','function':{'name':'w',"
                + "'arguments':'{\\'city\\':\\'Bonn\\'}'}},{'id':'fn.w:2','type':'function',"
                + "'function':{'name':'w','arguments':''}},{'id':'c3','type':'function','function':"
                + "{'name':'w','arguments':'{broken'}}]},{'role':'tool','tool_call_id':'call_1',"
                + "'content':'rain'},{'role':'tool','tool_call_id':'fn.w:2','content':"
                + "[{'type':'text','text':'sun'}]},{'role':'user','content':'Well?'}],"
                + "'tools':[{'type':'function','function':{'name':'w','description':'d',"
                + "'parameters':{'type':'object'}}},{'type':'function','function':{'name':'v'}}],"
                + "'tool_choice':{'type':'function','function':{'name':'w'}},"
                + "'parallel_tool_calls':false}");
    assertThat(sent.get("messages"))
        .isEqualTo(
            json(
                "[{'role':'user','content':'Weather?'},{'role':'assistant','content':["
                    + "{'type':'tool_use','id':'call_1','name':'w','input':{'city':'Bonn'}},"
                    + "{'type':'tool_use','id':'fn_w_2','name':'w','input':{}},"
                    + "{'type':'tool_use','id':'c3','name':'w','input':{'arguments':'{broken'}}]},"
                    + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'call_1',"
                    + "'content':'rain'},{'type':'tool_result','tool_use_id':'fn_w_2','content':"
                    + "[{'type':'text','text':'sun'}]},{'type':'text','text':'Well?'}]}]"));
    assertThat(sent.get("tools"))
        .isEqualTo(
            json(
                "[{'name':'w','description':'d','input_schema':{'type':'object'}},{'name':'v',"
                    + "'input_schema':{'type':'object','properties':{}}}]"));
    assertThat(sent.get("tool_choice"))
        .isEqualTo(json("{'type':'tool','name':'w','disable_parallel_tool_use':true}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'auto'|{'type':'auto'}",
        "'required'|{'type':'any'}",
        "'none'|{'type':'none'}",
      })
  void namesToolChoicesAnew(String choice, String expected) {
    assertThat(
            convert(
                    "{'messages':[{'role':'user','content':'x'}],'tool_choice':"
                        + choice
                        + ",'tools':[{'function':{'name':'w'}}]}")
                .get("tool_choice"))
        .isEqualTo(json(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|messages",
        "{'messages':[{'role':'system','content':'x'}]}|messages",
        "{'messages':[{'role':'user','content':'x'}],'n':2}|n",
        "{'messages':[{'role':'user','content':[{'type':'input_audio'}]}]}|messages[0].content[0].type",
        "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}]}"
            + "|messages[0].content[0]",
      })
  void namesWhatItCannotExpress(String request, String param) {
    FaultException refused = catchThrowableOfType(FaultException.class, () -> convert(request));
    assertThat(refused.fault().failure()).isEqualTo(Failure.BAD_REQUEST);
    assertThat(RecordedAnswer.parse(refused.fault().detail()).path("param").asText())
        .isEqualTo(param);
  }

  private static JsonNode convert(String request) {
    byte[] body = request.replace("\\'", "\\\"").replace('\'', '"').getBytes(UTF_8);
    return RecordedAnswer.parse(
        new String(AnthropicRequest.convert(body, "claude", false, OLD, 4096), UTF_8));
  }

  private static JsonNode json(String text) {
    return RecordedAnswer.parse(text.replace('\'', '"'));
  }
}
