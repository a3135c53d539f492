package io.muster.bench.subject;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** nginx as a reverse proxy: one worker, keep-alive on both sides, no buffering. */
public final class Nginx implements Subject {
  @Override
  public String name() {
    return "nginx";
  }

  @Override
  public Running start(Workshop workshop) throws SubjectMissing, IOException {
    Path program = Workshop.program("nginx", "apt-get install nginx-light");
    Path dir = workshop.folder(name());
    int port = Workshop.freePorts(1).get(0);
    boolean root = "root".equals(System.getProperty("user.name"));
    Workshop.write(
        "nginx.conf",
        Map.of(
            "user",
            root ? "user root;" : "",
            "dir",
            dir,
            "port",
            port,
            "upstream",
            workshop.upstreamPort()),
        dir.resolve("nginx.conf"));
    ChildProcess process =
        ChildProcess.start(
            name(),
            dir,
            Map.of(),
            List.of(program.toString(), "-p", dir.toString(), "-c", dir + "/nginx.conf"));
    return new Running(
        name(),
        Workshop.firstLine(program.toString(), "-v").replace("nginx version: ", ""),
        port,
        Map.of(),
        List.of(process),
        List.of(
            new Part("nginx worker", onlyChild(process)), new Part("nginx master", process.pid())));
  }

  private static long onlyChild(ChildProcess master) throws IOException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (System.nanoTime() < end && master.alive()) {
      List<Long> children = master.children();
      if (children.size() == 1) {
        return children.get(0);
      }
      Thread.onSpinWait();
    }
    throw new IOException("nginx has no worker:\n" + master.lastOutput());
  }
}
