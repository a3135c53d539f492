package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.job.Usage;
import java.io.IOException;

/** Collects an answer that is not streamed, makes OpenAI's out of it and tells it. */
final class WholeAnswer implements ResponseReader {
  /** What a whole answer says, and OpenAI's object for it. */
  record Result(String finishReason, Usage usage, byte[] body) {}

  /** Makes a result out of what the server sent; may run on a worker thread. */
  interface Converter {
    /**
     * Converts it.
     *
     * @throws IOException when it is not the JSON that is expected
     * @throws FaultException when it says that something went wrong
     */
    Result convert(byte[] json) throws IOException;
  }

  private final ModelClient client;
  private final Answer answer;
  private final Converter converter;
  private final BodyBytes body;
  private boolean over;

  WholeAnswer(ModelClient client, Answer answer, Converter converter) {
    this.client = client;
    this.answer = answer;
    this.converter = converter;
    this.body = new BodyBytes(client.options().maxAnswerBytes());
  }

  @Override
  public Read read(byte[] bytes) {
    body.add(bytes);
    return Read.NOISE;
  }

  @Override
  public Read end() {
    byte[] json = body.all();
    if (json.length <= ModelClient.LARGE) {
      try {
        done(converter.convert(json));
      } catch (IOException | FaultException e) {
        failed(e);
      }
    } else {
      client
          .vertx()
          .executeBlocking(() -> converter.convert(json), false)
          .onSuccess(this::done)
          .onFailure(this::failed);
    }
    return Read.COMPLETE;
  }

  @Override
  public void fail(Fault fault) {
    if (!over) {
      over = true;
      answer.failed(fault);
    }
  }

  @Override
  public void cancelled() {
    over = true;
  }

  private void done(Result result) {
    if (!over) {
      over = true;
      answer.done(result.finishReason, result.usage, result.body);
    }
  }

  private void failed(Throwable cause) {
    fail(
        cause instanceof IOException
            ? client.faults().answeredWith("something that is not the JSON of its protocol")
            : Fault.from(cause));
  }
}
