package io.muster.bench.subject;

import java.util.List;
import java.util.Map;

/** The upstream itself, with nothing in between: what a subject can at best reach. */
public final class Direct implements Subject {
  private final ChildProcess upstream;

  public Direct(ChildProcess upstream) {
    this.upstream = upstream;
  }

  @Override
  public String name() {
    return "direct";
  }

  @Override
  public Running start(Workshop workshop) {
    return new Running(
        name(),
        "the upstream itself (Vert.x, one event loop)",
        workshop.upstreamPort(),
        Map.of(),
        List.of(),
        List.of(new Part("upstream", upstream.pid())));
  }
}
