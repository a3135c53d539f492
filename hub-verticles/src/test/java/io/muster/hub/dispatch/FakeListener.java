package io.muster.hub.dispatch;

import io.muster.bus.Fault;
import io.muster.job.Frame;
import java.util.ArrayList;
import java.util.List;

/** Writes down what it is told; may do something at it. */
final class FakeListener implements JobListener {
  final List<String> told = new ArrayList<>();
  String id;
  JobHandle handle;
  Fault fault;
  int ends;
  Runnable atStarted = () -> {};
  Runnable atDelta = () -> {};
  Runnable atEnd = () -> {};

  @Override
  public void started(String nodeId) {
    assertGoesOn();
    told.add("started " + nodeId);
    atStarted.run();
  }

  @Override
  public void delta(Frame.Delta delta) {
    assertGoesOn();
    told.add("delta " + delta.seq());
    atDelta.run();
  }

  @Override
  public void done(Frame.Done done) {
    assertGoesOn();
    told.add("done");
    ends++;
    atEnd.run();
  }

  @Override
  public void failed(Fault theFault, boolean begun) {
    assertGoesOn();
    told.add("failed " + theFault.failure() + (begun ? " begun" : ""));
    fault = theFault;
    ends++;
    atEnd.run();
  }

  private void assertGoesOn() {
    if (ends > 0) {
      throw new AssertionError("told after its end: " + told);
    }
  }
}
