package io.muster.worker.provider;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Writes the chunks of a stream as OpenAI does: one id for all, the role in the first delta, tool
 * calls with their index, and with id and name before the pieces of their arguments.
 */
final class ChunkWriter {
  private static final byte[] PREFIX = ascii("data: ");
  private static final byte[] NOT_FINISHED = ascii(",\"finish_reason\":null}]}\n\n");
  private static final JsonStringEncoder QUOTE = JsonStringEncoder.getInstance();

  private final StreamAnswer out;
  private final byte[] head;
  private boolean begun;

  /**
   * @param created seconds since 1970
   */
  ChunkWriter(StreamAnswer out, String id, long created, String model) {
    this.out = out;
    this.head =
        ("{\"id\":\""
                + quoted(id)
                + "\",\"object\":\"chat.completion.chunk\",\"created\":"
                + created
                + ",\"model\":\""
                + quoted(model)
                + "\",\"choices\":[{\"index\":0,\"delta\":")
            .getBytes(StandardCharsets.UTF_8);
  }

  /** Opens the answer, if that has not been done. */
  void role() {
    if (!begun) {
      begun = true;
      write("{\"role\":\"assistant\",\"content\":\"\"}", NOT_FINISHED);
    }
  }

  void text(String text) {
    member("content", text);
  }

  /** Thoughts that are no part of the answer, in the member that other servers use for them. */
  void reasoning(String text) {
    member("reasoning_content", text);
  }

  /**
   * Begins a tool call.
   *
   * @param arguments JSON, or the beginning of it
   */
  void toolCall(int index, String id, String name, String arguments) {
    role();
    write(
        "{\"tool_calls\":[{\"index\":"
            + index
            + ",\"id\":\""
            + quoted(id)
            + "\",\"type\":\"function\",\"function\":{\"name\":\""
            + quoted(name)
            + "\",\"arguments\":\""
            + quoted(arguments)
            + "\"}}]}",
        NOT_FINISHED);
  }

  /** Goes on with a tool call's arguments. */
  void toolArguments(int index, String piece) {
    write(
        "{\"tool_calls\":[{\"index\":"
            + index
            + ",\"function\":{\"arguments\":\""
            + quoted(piece)
            + "\"}}]}",
        NOT_FINISHED);
  }

  void finish(String reason) {
    role();
    write("{}", ascii(",\"finish_reason\":\"" + quoted(reason) + "\"}]}\n\n"));
  }

  private void member(String name, String text) {
    role();
    if (!text.isEmpty()) {
      write("{\"" + name + "\":\"" + quoted(text) + "\"}", NOT_FINISHED);
    }
  }

  private void write(String delta, byte[] tail) {
    byte[] middle = delta.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[PREFIX.length + head.length + middle.length + tail.length];
    int at = put(frame, 0, PREFIX);
    at = put(frame, at, head);
    at = put(frame, at, middle);
    at = put(frame, at, tail);
    out.frame(frame, 0, at);
  }

  private static int put(byte[] into, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, into, at, bytes.length);
    return at + bytes.length;
  }

  private static String quoted(String text) {
    return new String(QUOTE.quoteAsString(text));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
