package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * Passes OpenAI's stream on: what arrives in one turn of the event loop leaves as one block,
 * unparsed except for the few chunks that say how it ended, what it took or what went wrong. The
 * chunk that only says the usage is taken out.
 */
final class OpenAiStream implements ResponseReader, SseParser.Sink {
  private final ModelClient client;
  private final Job job;
  private final StreamAnswer answer;
  private final Supplier<byte[]> withoutUsage;
  private final SseParser parser;

  private BodyBytes plain;
  private boolean begun;
  private Read last = Read.NOISE;
  private String finishReason;
  private Usage usage;
  private int events;
  private long bytes;
  private int fewestBytes = Integer.MAX_VALUE;

  /**
   * @param withoutUsage is called when the server refuses {@code stream_options}: the request
   *     without it, or null when that is not the reason
   */
  OpenAiStream(ModelClient client, Job job, Answer answer, Supplier<byte[]> withoutUsage) {
    this.client = client;
    this.job = job;
    this.answer = new StreamAnswer(client.vertx(), answer);
    this.withoutUsage = withoutUsage;
    this.parser = new SseParser(client.options().maxAnswerBytes(), this);
  }

  @Override
  public Read read(byte[] chunk) {
    if (!begun && chunk.length > 0) {
      begun = true;
      if (isObject(chunk, 0, chunk.length)) {
        // No event begins so: the server does not stream.
        plain = new BodyBytes(client.options().maxAnswerBytes());
      }
    }
    if (plain != null) {
      plain.add(chunk);
      return Read.NOISE;
    }
    last = Read.NOISE;
    parser.feed(chunk);
    return last;
  }

  @Override
  public Read end() {
    if (plain != null) {
      plain();
    } else {
      parser.end();
    }
    if (!answer.isOver()) {
      if (finishReason != null) {
        done();
      } else {
        fail(client.faults().answeredWith("a stream that ends in the middle"));
      }
    }
    return last;
  }

  @Override
  public void event(byte[] data, int from, int to, boolean framed) {
    if (answer.isOver()) {
      return;
    }
    if (SseParser.isDone(data, from, to)) {
      done();
      return;
    }
    if (!isObject(data, from, to)) {
      return;
    }
    if (ChunkProbe.flags(data, from, to) != 0 && !passes(data, from, to)) {
      return;
    }
    if (framed) {
      answer.frame(data, from - 6, to + 2);
    } else {
      answer.data(data, from, to);
    }
    events++;
    bytes += to - from;
    fewestBytes = Math.min(fewestBytes, to - from);
    last = Read.PART;
  }

  @Override
  public void fail(Fault fault) {
    last = Read.BROKEN;
    answer.failed(fault);
  }

  @Override
  public void cancelled() {
    answer.cancelled();
  }

  @Override
  public byte[] repair(int status, byte[] said) {
    boolean names =
        (status == 400 || status == 422)
            && new String(said, StandardCharsets.UTF_8).contains("stream_options");
    return names ? withoutUsage.get() : null;
  }

  /** Reads a chunk that may say something; tells whether it goes on to the client. */
  private boolean passes(byte[] data, int from, int to) {
    CompletionFacts facts;
    try {
      facts = CompletionFacts.read(data, from, to);
    } catch (IOException e) {
      fail(client.faults().answeredWith("an event that is not JSON"));
      return false;
    }
    if (facts.error() != null) {
      fail(client.faults().ofError(facts.error()));
      return false;
    }
    if (facts.finishReason() != null && finishReason == null) {
      finishReason = facts.finishReason();
    }
    if (facts.usage() != null) {
      usage = facts.usage();
    }
    return facts.choices() > 0 || facts.usage() == null;
  }

  private void plain() {
    try {
      byte[] json = plain.all();
      CompletionFacts facts = CompletionFacts.read(json, 0, json.length);
      if (facts.error() != null) {
        fail(client.faults().ofError(facts.error()));
        return;
      }
      finishReason = facts.finishReason();
      usage = facts.usage();
      byte[] chunk = ChunkOfCompletion.convert(json);
      event(chunk, 0, chunk.length, false);
    } catch (IOException e) {
      fail(client.faults().answeredWith("something that is neither events nor JSON"));
    }
  }

  private void done() {
    last = Read.COMPLETE;
    answer.done(finishReason == null ? "stop" : finishReason, usage());
  }

  /**
   * What the server said; else about a token an event, or more where events are so long that they
   * must hold several. What all events have around their text is as long as the shortest one.
   */
  private Usage usage() {
    if (usage != null) {
      return usage;
    }
    int texts = events == 0 ? 0 : TokenEstimate.ofBytes(bytes - (long) events * fewestBytes);
    return new Usage(TokenEstimate.ofMessages(job.body()), Math.max(events, texts), true);
  }

  private static boolean isObject(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] >= 0 && bytes[at] <= ' ') {
      at++;
    }
    return at < to && bytes[at] == '{';
  }
}
