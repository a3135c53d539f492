package io.muster.worker.provider;

import io.muster.bus.FaultException;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;

/** Reads from OpenAI's whole answer how it ended and what it took; the bytes pass as they came. */
record OpenAiCompletions(ProviderFaults faults, Job job) implements WholeAnswer.Converter {
  @Override
  public WholeAnswer.Result convert(byte[] json) throws IOException {
    CompletionFacts said = CompletionFacts.read(json, 0, json.length);
    if (said.error() != null) {
      throw new FaultException(faults.ofError(said.error()));
    }
    if (said.choices() == 0) {
      throw new FaultException(faults.answeredWith("no choices"));
    }
    Usage usage = said.usage();
    if (usage == null) {
      usage = new Usage(TokenEstimate.ofMessages(job.body()), TokenEstimate.ofMessages(json), true);
    }
    String finish = said.finishReason();
    return new WholeAnswer.Result(finish == null ? "stop" : finish, usage, json);
  }
}
