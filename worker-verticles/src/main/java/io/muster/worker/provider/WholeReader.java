package io.muster.worker.provider;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.vertx.core.Promise;

/**
 * Reads an answer that comes as one piece, up to a size; it is empty when the server does not have
 * what was asked for.
 */
final class WholeReader implements ResponseReader {
  private static final byte[] NOTHING = {};

  private final BodyBytes body;
  private final Promise<byte[]> promise;
  private boolean absent;

  WholeReader(int maxBytes, Promise<byte[]> promise) {
    this.body = new BodyBytes(maxBytes);
    this.promise = promise;
  }

  @Override
  public Read read(byte[] bytes) {
    body.add(bytes);
    return Read.NOISE;
  }

  @Override
  public Read end() {
    promise.tryComplete(body.all());
    return Read.COMPLETE;
  }

  @Override
  public byte[] repair(int status, byte[] answer) {
    absent = status == 404 || status == 405 || status == 501;
    return null;
  }

  @Override
  public void fail(Fault fault) {
    if (absent) {
      promise.tryComplete(NOTHING);
    } else {
      promise.tryFail(fault.asException());
    }
  }

  @Override
  public void cancelled() {
    promise.tryFail(new FaultException(Failure.CANCELLED, "cancelled"));
  }
}
