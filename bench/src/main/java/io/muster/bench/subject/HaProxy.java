package io.muster.bench.subject;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** HAProxy as a reverse proxy: one thread, keep-alive on both sides. */
public final class HaProxy implements Subject {
  @Override
  public String name() {
    return "haproxy";
  }

  @Override
  public Running start(Workshop workshop) throws SubjectMissing, IOException {
    Path program = Workshop.program("haproxy", "apt-get install haproxy");
    Path dir = workshop.folder(name());
    int port = Workshop.freePorts(1).get(0);
    Workshop.write(
        "haproxy.cfg",
        Map.of("port", port, "upstream", workshop.upstreamPort()),
        dir.resolve("haproxy.cfg"));
    ChildProcess process =
        ChildProcess.start(
            name(), dir, Map.of(), List.of(program.toString(), "-db", "-f", dir + "/haproxy.cfg"));
    return new Running(
        name(),
        Workshop.firstLine(program.toString(), "-v").replaceAll(" - https?://.*", ""),
        port,
        Map.of(),
        List.of(process),
        List.of(new Part("haproxy", process.pid())));
  }
}
