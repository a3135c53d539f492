package io.muster.bench.subject;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Muster as it ships: a hub and a worker, each a process of its fat jar with the shipped JVM
 * options, on one clustered bus. What differs from the defaults is only where things are and how
 * many jobs the one worker takes, and connections it holds, at once: as many as the nginx and
 * HAProxy beside it may.
 */
public final class Muster implements Subject {
  private final String revision;
  private final boolean profiled;

  /**
   * Describes the subject.
   *
   * @param revision the commit measured
   * @param profiled whether its processes shall tell a profiler the exact place of inlined code
   */
  public Muster(String revision, boolean profiled) {
    this.revision = revision;
    this.profiled = profiled;
  }

  @Override
  public String name() {
    return "muster";
  }

  @Override
  public Running start(Workshop workshop) throws SubjectMissing, IOException {
    Path dir = workshop.folder(name());
    List<Integer> ports = Workshop.freePorts(4);
    int hubPort = ports.get(0);
    String members = "127.0.0.1:" + ports.get(2) + ",127.0.0.1:" + ports.get(3);

    MusterJars jars = new MusterJars(workshop, dir, members, profiled);
    Map<String, String> hub = jars.settings("hub", ports.get(2));
    hub.put("ROOT_NODE_PORT", Integer.toString(hubPort));
    Map<String, String> worker = jars.settings("worker", ports.get(3));
    worker.put("WORKER_PORT", Integer.toString(ports.get(1)));
    worker.put("WORKER_MAX_CONCURRENT", "1024");
    worker.put("PROVIDER_POOL_SIZE", "1024");
    worker.put("OPENAI_BASE_URL", "http://127.0.0.1:" + workshop.upstreamPort() + "/v1");
    worker.put("OPENAI_API_KEY", "bench");
    worker.put("OLLAMA_DETECT", "false");

    ChildProcess hubProcess = jars.start("hub", hub);
    ChildProcess workerProcess = jars.start("worker", worker);
    return new Running(
        name(),
        "Muster "
            + revision
            + ", one hub and one worker; WORKER_MAX_CONCURRENT and PROVIDER_POOL_SIZE 1024",
        hubPort,
        Map.of(),
        List.of(hubProcess, workerProcess),
        List.of(
            new Part("muster hub", hubProcess.pid()),
            new Part("muster worker", workerProcess.pid())));
  }
}
