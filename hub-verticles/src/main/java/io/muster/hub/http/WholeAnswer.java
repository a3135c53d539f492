package io.muster.hub.http;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.netty.buffer.Unpooled;
import io.vertx.core.internal.buffer.BufferInternal;

/** Passes a job's one answer through to an OpenAI client as it is. */
final class WholeAnswer implements JobListener {
  private final Exchange exchange;

  WholeAnswer(Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public void started(String nodeId) {
    exchange.worker(nodeId);
  }

  @Override
  public void delta(Frame.Delta delta) {
    // No stream was asked for: what comes in pieces all the same is not this answer.
  }

  @Override
  public void done(Frame.Done done) {
    if (done.body() == null) {
      exchange.fail(
          ApiError.of(Fault.of(Failure.PROVIDER_ERROR, "The model server gave no answer.")));
    } else {
      exchange.answer(BufferInternal.buffer(Unpooled.wrappedBuffer(done.body())));
    }
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    exchange.fail(ApiError.of(fault));
  }
}
