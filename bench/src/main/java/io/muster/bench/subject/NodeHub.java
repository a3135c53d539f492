package io.muster.bench.subject;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A hub that nodes connect to, or one with a worker beside it that runs its tasks. */
public final class NodeHub {
  private NodeHub() {}

  /**
   * Starts a hub alone.
   *
   * @param name of its folder, not used before
   * @param settings in addition to where things are
   */
  public static Running alone(Workshop workshop, String name, Map<String, String> settings)
      throws SubjectMissing, IOException {
    return start(workshop, name, settings, false);
  }

  /** Starts a hub and a worker with the demo tools, on one clustered bus. */
  public static Running withWorker(Workshop workshop, String name)
      throws SubjectMissing, IOException {
    return start(workshop, name, Map.of(), true);
  }

  private static Running start(
      Workshop workshop, String name, Map<String, String> settings, boolean withWorker)
      throws SubjectMissing, IOException {
    Path dir = workshop.folder(name);
    List<Integer> ports = Workshop.freePorts(4);
    String members = "127.0.0.1:" + ports.get(2) + (withWorker ? ",127.0.0.1:" + ports.get(3) : "");
    MusterJars jars = new MusterJars(workshop, dir, members, false);
    Map<String, String> hub = new HashMap<>(jars.settings("hub", ports.get(2)));
    hub.put("ROOT_NODE_PORT", Integer.toString(ports.get(0)));
    hub.putAll(settings);
    List<ChildProcess> processes = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    processes.add(jars.start("hub", hub));
    parts.add(new Part("muster hub", processes.get(0).pid()));
    if (withWorker) {
      Map<String, String> worker = new HashMap<>(jars.settings("worker", ports.get(3)));
      worker.put("WORKER_PORT", Integer.toString(ports.get(1)));
      worker.put("OLLAMA_DETECT", "false");
      worker.put("DEMO_TOOLS", "on");
      processes.add(jars.start("worker", worker));
      parts.add(new Part("muster worker", processes.get(1).pid()));
    }
    return new Running(name, name, ports.get(0), Map.of(), processes, parts);
  }
}
