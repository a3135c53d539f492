package io.muster.bench.upstream;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/**
 * The answers, built once. The content of every delta is {@code #index} (in paced streams {@code
 * #index@nanoTime}), so that the load program can tell a missing or misplaced one, and how long it
 * was on its way.
 */
public final class ChatAnswers {
  /** Answers at once: whole, or as {@link #DELTAS} deltas in one write. */
  public static final String INSTANT_MODEL = "bench-instant";

  /** Streams {@link #PACED_DELTAS} deltas, one every {@link #PACE_MS} ms, the first at once. */
  public static final String PACED_MODEL = "bench-paced";

  public static final int DELTAS = 50;
  public static final int PACED_DELTAS = 64;
  public static final int PACE_MS = 20;

  static final Buffer MODELS =
      Buffer.buffer(
          """
          {"object":"list","data":[\
          {"id":"bench-instant","object":"model","created":1767225600,"owned_by":"bench"},\
          {"id":"bench-paced","object":"model","created":1767225600,"owned_by":"bench"}]}""");

  static final Buffer NOT_FOUND =
      Buffer.buffer(
          """
          {"error":{"message":"no such path","type":"invalid_request_error","param":null,"code":null}}""");

  static final Buffer WHOLE =
      Buffer.buffer(
          """
          {"id":"chatcmpl-bench","object":"chat.completion","created":1767225600,\
          "model":"bench-instant","choices":[{"index":0,"message":{"role":"assistant",\
          "content":"#0 The quick brown fox jumps over the lazy dog."},"logprobs":null,\
          "finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":12,\
          "total_tokens":36}}""");

  static final Buffer STREAM_WITH_USAGE = wholeStream(true);
  static final Buffer STREAM_WITHOUT_USAGE = wholeStream(false);

  private static final byte[] PACED_HEAD = ascii(chunkHead(PACED_MODEL));
  private static final byte[] PACED_ROLE = ascii("\"role\":\"assistant\",");
  private static final byte[] PACED_CONTENT = ascii("\"content\":\"#");
  private static final byte[] PACED_TAIL = ascii(" fox\"},\"finish_reason\":null}]}\n\n");

  private ChatAnswers() {}

  /** One delta of a paced stream, stamped with the time it is made (now). */
  static Buffer pacedDelta(int index, long nanoTime) {
    Buffer delta = Buffer.buffer(256).appendBytes(PACED_HEAD);
    if (index == 0) {
      delta.appendBytes(PACED_ROLE);
    }
    return delta
        .appendBytes(PACED_CONTENT)
        .appendString(Integer.toString(index))
        .appendString("@")
        .appendString(Long.toString(nanoTime))
        .appendBytes(PACED_TAIL);
  }

  /** What follows the last delta: the finish reason, the usage if asked for, and the end mark. */
  static Buffer end(String model, int deltas, boolean withUsage) {
    Buffer end =
        Buffer.buffer(chunkHead(model)).appendString("},\"finish_reason\":\"stop\"}]}\n\n");
    if (withUsage) {
      end.appendString(
          """
          data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,\
          "model":"%s","choices":[],"usage":{"prompt_tokens":24,"completion_tokens":%d,\
          "total_tokens":%d}}

          """
              .formatted(model, deltas, 24 + deltas));
    }
    return end.appendString("data: [DONE]\n\n");
  }

  private static Buffer wholeStream(boolean withUsage) {
    Buffer stream = Buffer.buffer();
    for (int i = 0; i < DELTAS; i++) {
      stream
          .appendString(chunkHead(INSTANT_MODEL))
          .appendString(i == 0 ? "\"role\":\"assistant\"," : "")
          .appendString("\"content\":\"#" + i + " fox\"},\"finish_reason\":null}]}\n\n");
    }
    return stream.appendBuffer(end(INSTANT_MODEL, DELTAS, withUsage));
  }

  private static String chunkHead(String model) {
    return """
    data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,\
    "model":"%s","choices":[{"index":0,"delta":{"""
        .formatted(model);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
