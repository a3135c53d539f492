package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Usage;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Passes a job's pieces through to an OpenAI client as they are. Adds what is said once: the chunk
 * with the tokens when the client asked for it, {@code [DONE]} after a stream that is whole, an
 * error and no {@code [DONE]} after one that is not.
 */
final class SseWriter implements JobListener {
  static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");
  static final byte[] KEEP_ALIVE = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);
  static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final ClientStream stream;
  private final boolean includeUsage;
  private final String model;
  private ChunkIdentity identity;

  /**
   * For one stream.
   *
   * @param includeUsage whether the client asked for the tokens
   * @param model named in the chunk with the tokens where the stream itself names none
   */
  SseWriter(ClientStream stream, boolean includeUsage, String model) {
    this.stream = stream;
    this.includeUsage = includeUsage;
    this.model = model;
  }

  @Override
  public void started(String nodeId) {
    stream.exchange().worker(nodeId);
  }

  @Override
  public void delta(Frame.Delta delta) {
    if (includeUsage && identity == null) {
      identity = ChunkIdentity.of(delta.events());
    }
    stream.write(delta.events(), 1);
  }

  @Override
  public void done(Frame.Done done) {
    stream.end(includeUsage ? usageAndDone(done.usage()) : DONE);
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    ApiError error = ApiError.of(fault);
    stream.fail(error, ErrorBody.OPENAI.event(error, stream.exchange().requestId()));
  }

  private byte[] usageAndDone(Usage usage) {
    ChunkIdentity from =
        identity == null ? ChunkIdentity.made(stream.exchange().requestId(), model) : identity;
    ByteArrayOutputStream json = new ByteArrayOutputStream(256);
    try (JsonGenerator out = HttpJson.MAPPER.createGenerator(json)) {
      out.writeStartObject();
      out.writeStringField("id", from.id());
      out.writeStringField("object", "chat.completion.chunk");
      out.writeNumberField("created", from.created());
      out.writeStringField("model", from.model() == null ? model : from.model());
      out.writeArrayFieldStart("choices");
      out.writeEndArray();
      OpenAiUsage.write(usage, out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] chunk = HttpJson.event(json.toByteArray());
    byte[] tail = new byte[chunk.length + DONE.length];
    System.arraycopy(chunk, 0, tail, 0, chunk.length);
    System.arraycopy(DONE, 0, tail, chunk.length, DONE.length);
    return tail;
  }
}
