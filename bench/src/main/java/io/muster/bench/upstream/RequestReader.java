package io.muster.bench.upstream;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Finds the requests in what arrives on one connection. A request mostly comes in one piece, and
 * then nothing is kept.
 */
final class RequestReader implements Handler<Buffer> {
  private static final String HEAD_END = "\r\n\r\n";
  private static final String LENGTH = "\r\ncontent-length:";
  private static final String CHUNKED = "\r\ntransfer-encoding: chunked";
  private static final String LAST_CHUNK = "0\r\n\r\n";

  private final Consumer<UpstreamRequest> requests;
  private String text = "";

  RequestReader(Consumer<UpstreamRequest> requests) {
    this.requests = requests;
  }

  @Override
  public void handle(Buffer bytes) {
    // One character a byte, so that positions and lengths are the same.
    text += new String(bytes.getBytes(), StandardCharsets.ISO_8859_1);
    for (int end = requestEnd(); end >= 0; end = requestEnd()) {
      String request = text.substring(0, end);
      text = text.substring(end);
      String path = request.substring(request.indexOf(' ') + 1, request.indexOf(" HTTP/1."));
      requests.accept(
          new UpstreamRequest(
              path, request.substring(request.indexOf(HEAD_END) + HEAD_END.length())));
    }
  }

  /** Where the first request ends, -1 while it is not all there. */
  private int requestEnd() {
    int headEnd = text.indexOf(HEAD_END);
    if (headEnd < 0) {
      return -1;
    }
    String head = text.substring(0, headEnd + 2).toLowerCase(Locale.ROOT);
    int body = headEnd + HEAD_END.length();
    int length = head.indexOf(LENGTH);
    if (length >= 0) {
      int from = length + LENGTH.length();
      int end = body + Integer.parseInt(head.substring(from, head.indexOf('\r', from)).trim());
      return end <= text.length() ? end : -1;
    }
    if (head.contains(CHUNKED)) {
      int last = text.indexOf(LAST_CHUNK, body);
      return last < 0 ? -1 : last + LAST_CHUNK.length();
    }
    return body;
  }
}
