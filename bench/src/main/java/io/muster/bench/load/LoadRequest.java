package io.muster.bench.load;

import static io.muster.bench.upstream.ChatAnswers.DELTAS;
import static io.muster.bench.upstream.ChatAnswers.INSTANT_MODEL;
import static io.muster.bench.upstream.ChatAnswers.PACED_DELTAS;
import static io.muster.bench.upstream.ChatAnswers.PACED_MODEL;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The three questions asked, the same bytes for every subject, and what each answer must hold. */
public enum LoadRequest {
  INSTANT(INSTANT_MODEL, false, 1),
  STREAM(INSTANT_MODEL, true, DELTAS),
  PACED(PACED_MODEL, true, PACED_DELTAS);

  private final String model;
  private final boolean stream;
  private final int deltas;

  LoadRequest(String model, boolean stream, int deltas) {
    this.model = model;
    this.stream = stream;
    this.deltas = deltas;
  }

  boolean stream() {
    return stream;
  }

  DeltaCheck check(Times delays) {
    return new DeltaCheck(deltas, stream, delays);
  }

  /** The JSON body. */
  public String body() {
    return """
    {"model":"%s","messages":[{"role":"system","content":"You are a helpful assistant."},\
    {"role":"user","content":"Tell me about the quick brown fox."}],"temperature":0.7%s}"""
        .formatted(
            model, stream ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "");
  }

  /**
   * The whole HTTP request.
   *
   * @param headers what the subject wants in addition
   */
  byte[] bytes(int port, Map<String, String> headers) {
    String body = body();
    StringBuilder head = new StringBuilder("POST /v1/chat/completions HTTP/1.1\r\n");
    head.append("host: 127.0.0.1:").append(port).append("\r\n");
    head.append("authorization: Bearer bench\r\n");
    head.append("content-type: application/json\r\n");
    head.append("accept: ").append(stream ? "text/event-stream" : "application/json");
    head.append("\r\ncontent-length: ").append(body.length()).append("\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    return (head + "\r\n" + body).getBytes(StandardCharsets.US_ASCII);
  }
}
