package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.vertx.core.MultiMap;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderFaultsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private final ProviderFaults faults = new ProviderFaults("openai (http://x/v1)", "sk-12345");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-|-|0",
        "5|-|5000",
        "0.5|-|500",
        "5|12|12",
        "-|12.5|12",
        "0|-|0",
        "-3|-|0",
        "soon|-|0",
        "99999999999|-|86400000",
        "Sat, 21 Nov 2026 10:00:30 GMT|-|30000",
        "Sat, 21 Nov 2026 09:00:30 GMT|-|0",
      })
  void readsWhenToTryAgain(String after, String ms, long wanted) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    if (after != null) {
      headers.add("Retry-After", after);
    }
    if (ms != null) {
      headers.add("Retry-After-Ms", ms);
    }
    assertThat(ProviderFaults.retryAfterMs(headers, NOW)).isEqualTo(wanted);
  }

  @Test
  void readsErrorsOfEveryMake() {
    assertThat(of(400, "{\"error\":\"text of Ollama\"}").detail())
        .contains("\"message\":\"text of Ollama\"");
    assertThat(of(400, "{\"object\":\"error\",\"message\":\"old vLLM\"}").detail())
        .contains("\"message\":\"old vLLM\"");
    assertThat(of(422, "{\"detail\":[{\"msg\":\"FastAPI\"}]}").detail()).contains("FastAPI");
    assertThat(
            of(
                    400,
                    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                        + "\"message\":\"Anthropic\"}}")
                .detail())
        .isEqualTo(
            "{\"message\":\"Anthropic\",\"type\":\"invalid_request_error\",\"param\":null,"
                + "\"code\":null}");
    Fault html = of(500, "<html>\n <b>Bad</b> ");
    assertThat(html.message()).isEqualTo("openai (http://x/v1) answered 500: <html> <b>Bad</b>");
    assertThat(html.detail()).isNull();
    assertThat(of(500, "x".repeat(5000)).message().length()).isLessThan(400);
  }

  @Test
  void knowsAnUnknownModel() {
    assertThat(of(404, "{\"error\":\"model 'x' not found\"}").failure())
        .isEqualTo(Failure.MODEL_NOT_FOUND);
    assertThat(of(400, "{\"error\":{\"code\":\"model_not_found\",\"message\":\"\"}}").failure())
        .isEqualTo(Failure.MODEL_NOT_FOUND);
    assertThat(of(404, "{\"detail\":\"Not Found\"}").failure()).isEqualTo(Failure.PROVIDER_ERROR);
  }

  @Test
  void hidesTheKey() {
    assertThat(of(401, "{\"error\":{\"message\":\"wrong key sk-1**45\"}}").message())
        .isEqualTo("openai (http://x/v1) refused the credentials it was given (401)");
    assertThat(of(500, "sk-12345 is wrong").message()).endsWith(": *** is wrong");
    assertThat(faults.error("with sk-12345").message()).isEqualTo("with ***");
  }

  private Fault of(int status, String body) {
    return faults.ofStatus(status, MultiMap.caseInsensitiveMultiMap(), body.getBytes(UTF_8), NOW);
  }
}
