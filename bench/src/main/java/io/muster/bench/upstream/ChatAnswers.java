package io.muster.bench.upstream;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * The answers, built once as HTTP. The content of every delta is {@code #index} (in paced streams
 * {@code #index@nanoTime}), so that the load program can tell a missing or misplaced one, and how
 * long it was on its way.
 */
public final class ChatAnswers {
  /** Answers at once: whole, or as {@link #DELTAS} deltas in one write. */
  public static final String INSTANT_MODEL = "bench-instant";

  /** Streams {@link #PACED_DELTAS} deltas, one every {@link #PACE_MS} ms, the first at once. */
  public static final String PACED_MODEL = "bench-paced";

  public static final int DELTAS = 50;
  public static final int PACED_DELTAS = 64;
  public static final int PACE_MS = 20;

  // Before the answers that are made of them.
  private static final String INSTANT_HEAD = head(INSTANT_MODEL);
  private static final String PACED_HEAD = head(PACED_MODEL);
  private static final String STREAM_HEAD =
      """
      HTTP/1.1 200 OK\r
      content-type: text/event-stream\r
      cache-control: no-cache\r
      transfer-encoding: chunked\r
      \r
      """;
  private static final String LAST_CHUNK = "0\r\n\r\n";

  static final Buffer MODELS =
      json(
          "200 OK",
          """
          {"object":"list","data":[\
          {"id":"bench-instant","object":"model","created":1767225600,"owned_by":"bench"},\
          {"id":"bench-paced","object":"model","created":1767225600,"owned_by":"bench"}]}""");

  static final Buffer NOT_FOUND =
      json(
          "404 Not Found",
          """
          {"error":{"message":"no such path","type":"invalid_request_error","param":null,"code":null}}""");

  static final Buffer WHOLE =
      json(
          "200 OK",
          """
          {"id":"chatcmpl-bench","object":"chat.completion","created":1767225600,\
          "model":"bench-instant","choices":[{"index":0,"message":{"role":"assistant",\
          "content":"#0 The quick brown fox jumps over the lazy dog."},"logprobs":null,\
          "finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":12,\
          "total_tokens":36}}""");

  static final Buffer STREAM_WITH_USAGE = wholeStream(true);
  static final Buffer STREAM_WITHOUT_USAGE = wholeStream(false);

  private ChatAnswers() {}

  /** The beginning of a paced stream: the head and the first delta, made now. */
  static Buffer pacedStart(long nanoTime) {
    return Buffer.buffer(512)
        .appendString(STREAM_HEAD)
        .appendBuffer(chunk(pacedDelta(0, nanoTime)));
  }

  /** Another delta of a paced stream, made now. */
  static Buffer pacedNext(int index, long nanoTime) {
    return chunk(pacedDelta(index, nanoTime));
  }

  /** The last delta of a paced stream, made now, and all that follows it. */
  static Buffer pacedEnd(long nanoTime, boolean withUsage) {
    return chunk(pacedDelta(PACED_DELTAS - 1, nanoTime) + end(PACED_MODEL, PACED_DELTAS, withUsage))
        .appendString(LAST_CHUNK);
  }

  private static String pacedDelta(int index, long nanoTime) {
    return delta(PACED_MODEL, index, index + "@" + nanoTime);
  }

  /** What follows the last delta: the finish reason, the usage if asked for, and the end mark. */
  private static String end(String model, int deltas, boolean withUsage) {
    String usage =
        """
        data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,\
        "model":"%s","choices":[],"usage":{"prompt_tokens":24,"completion_tokens":%d,\
        "total_tokens":%d}}

        """
            .formatted(model, deltas, 24 + deltas);
    return chunkHead(model)
        + "},\"finish_reason\":\"stop\"}]}\n\n"
        + (withUsage ? usage : "")
        + "data: [DONE]\n\n";
  }

  private static Buffer wholeStream(boolean withUsage) {
    StringBuilder stream = new StringBuilder();
    for (int i = 0; i < DELTAS; i++) {
      stream.append(delta(INSTANT_MODEL, i, Integer.toString(i)));
    }
    stream.append(end(INSTANT_MODEL, DELTAS, withUsage));
    return Buffer.buffer(STREAM_HEAD)
        .appendBuffer(chunk(stream.toString()))
        .appendString(LAST_CHUNK);
  }

  private static String delta(String model, int index, String mark) {
    return chunkHead(model)
        + (index == 0 ? "\"role\":\"assistant\"," : "")
        + "\"content\":\"#"
        + mark
        + " fox\"},\"finish_reason\":null}]}\n\n";
  }

  private static String chunkHead(String model) {
    return model.equals(PACED_MODEL) ? PACED_HEAD : INSTANT_HEAD;
  }

  private static String head(String model) {
    return """
    data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,\
    "model":"%s","choices":[{"index":0,"delta":{"""
        .formatted(model);
  }

  private static Buffer chunk(String text) {
    byte[] bytes = ascii(text);
    return Buffer.buffer(bytes.length + 16)
        .appendString(Integer.toHexString(bytes.length))
        .appendString("\r\n")
        .appendBytes(bytes)
        .appendString("\r\n");
  }

  private static Buffer json(String status, String body) {
    return Buffer.buffer(
        "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            .formatted(status, body.length(), body));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
