package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;

/** Passes OpenAI's whole answer on as it came, and reads from it how it ended and what it took. */
final class OpenAiWhole implements ResponseReader {
  private final ModelClient client;
  private final Job job;
  private final Answer answer;
  private final BodyBytes body;
  private boolean over;

  private record Facts(CompletionFacts said, Usage usage) {}

  OpenAiWhole(ModelClient client, Job job, Answer answer) {
    this.client = client;
    this.job = job;
    this.answer = answer;
    this.body = new BodyBytes(client.options().maxAnswerBytes());
  }

  @Override
  public void begin(String contentType) {}

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
        tell(facts(json), json);
      } catch (IOException e) {
        notJson();
      }
    } else {
      client
          .vertx()
          .executeBlocking(() -> facts(json), false)
          .onSuccess(facts -> tell(facts, json))
          .onFailure(e -> notJson());
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

  private Facts facts(byte[] json) throws IOException {
    CompletionFacts said = CompletionFacts.read(json, 0, json.length);
    Usage usage = said.usage();
    if (usage == null && said.error() == null) {
      usage = new Usage(TokenEstimate.ofMessages(job.body()), TokenEstimate.ofMessages(json), true);
    }
    return new Facts(said, usage);
  }

  private void tell(Facts facts, byte[] json) {
    if (over) {
      return;
    }
    if (facts.said.error() != null) {
      fail(client.faults().ofError(facts.said.error()));
    } else if (facts.said.choices() == 0) {
      fail(client.faults().answeredWith("no choices"));
    } else {
      over = true;
      String finish = facts.said.finishReason();
      answer.done(finish == null ? "stop" : finish, facts.usage, json);
    }
  }

  private void notJson() {
    fail(client.faults().answeredWith("something that is not JSON"));
  }
}
