package io.muster.hub.dispatch;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.node.NodeEvents;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.hub.node.TestNodes;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import io.muster.job.Usage;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A dispatcher with its registry, and everything around them played by the test. */
final class World implements NodeEvents, Dispatcher.Outside, JobObserver {
  static final long MS = 1_000_000;

  /** A message as it left for a node. */
  record Sent(String nodeId, JobMessage message, Runnable undelivered) {
    JobMessage.Submit submit() {
      return (JobMessage.Submit) message;
    }
  }

  private record Timer(long at, Runnable action) {}

  final List<Sent> sent = new ArrayList<>();
  final List<String> observed = new ArrayList<>();
  final Set<String> unreachable = new HashSet<>();
  private final List<Timer> timers = new ArrayList<>();
  private int jobs;
  long now = 1_000 * MS;
  final NodeRegistry registry =
      new NodeRegistry(
          "hub",
          new NodeRegistry.Options(1_000, 5_000, 3, 1_000, 60_000),
          Clock.systemUTC(),
          () -> now,
          this);
  final Dispatcher dispatcher;

  World() {
    this(options(10, 3, 4), "least-connections");
  }

  World(Dispatcher.Options options, String strategy) {
    dispatcher =
        new Dispatcher(
            "hub", options, registry, Balancer.of(strategy, n -> 0), this, this, () -> now);
  }

  static Dispatcher.Options options(int queueSize, int maxTries, int credit) {
    return new Dispatcher.Options(
        2_000, 30_000, queueSize, 20_000, maxTries, 20, 10, 1_000_000, credit);
  }

  static Job job(String id, String model, int priority) {
    return new Job(id, id, Job.Kind.CHAT, model, true, null, priority, 60_000, new byte[0]);
  }

  FakeListener submit(String model) {
    return submit(model, 5);
  }

  FakeListener submit(String model, int priority) {
    FakeListener listener = new FakeListener();
    submit(model, priority, listener);
    return listener;
  }

  void submit(String model, int priority, FakeListener listener) {
    listener.id = "job" + ++jobs;
    listener.handle = dispatcher.submit(job(listener.id, model, priority), listener);
  }

  void node(String id, int places, String... models) {
    register(id, id + "1", places, models);
  }

  void register(String id, String instance, int places, String... models) {
    registry.receive(
        new NodeMessage.Register(TestNodes.info(id, instance, instance, places, models)));
  }

  void beat(String id, int active) {
    String instance = remote(id).info().instance();
    NodeStats stats = new NodeStats(active, 0, 0, 0, 0);
    registry.receive(new NodeMessage.Heartbeat(id, instance, false, stats, null));
  }

  void gone(String id) {
    registry.memberGone(remote(id).info().memberId());
  }

  RemoteNode remote(String id) {
    return registry.find(id).orElseThrow();
  }

  int active(String id) {
    return remote(id).active();
  }

  void started(Sent sent) {
    frame(sent, new Frame.Started(ticket(sent)));
  }

  void delta(Sent sent, int seq) {
    frame(sent, new Frame.Delta(ticket(sent), seq, 1, bytes("data: " + seq + "\n\n")));
  }

  void done(Sent sent, int seq) {
    frame(sent, new Frame.Done(ticket(sent), seq, "stop", Usage.NONE, null));
  }

  void failed(Sent sent, Failure failure) {
    failed(sent, Fault.of(failure, failure.name()));
  }

  void failed(Sent sent, Fault fault) {
    frame(sent, new Frame.Failed(ticket(sent), 0, fault));
  }

  void frame(Sent sent, Frame... frames) {
    dispatcher.receive(new FrameBatch(sent.nodeId(), List.of(frames)));
  }

  static long ticket(Sent sent) {
    return sent.message().ticket();
  }

  /** What was sent since the last time it was asked. */
  List<Sent> take() {
    List<Sent> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }

  /** The one job that was sent since the last time. */
  Sent takeSubmit() {
    List<Sent> submits =
        take().stream().filter(s -> s.message() instanceof JobMessage.Submit).toList();
    if (submits.size() != 1) {
      throw new AssertionError("not one submit: " + submits);
    }
    return submits.get(0);
  }

  /** Lets time pass, as the verticle does: sweeps every quarter of a second. */
  void pass(long ms) {
    long end = now + ms * MS;
    while (now < end) {
      now = Math.min(end, now + 250 * MS);
      fireTimers();
      dispatcher.sweep();
    }
  }

  void fireTimers() {
    for (Timer timer : List.copyOf(timers)) {
      if (timer.at() <= now && timers.remove(timer)) {
        timer.action().run();
      }
    }
  }

  /** Whether a job may have been sent to it just now, which it counts among its active ones. */
  private static boolean takes(RemoteNode node) {
    return node.state() != NodeState.OFFLINE
        && !node.isDraining()
        && node.active() <= node.info().maxConcurrent();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void send(String nodeId, JobMessage message, Runnable undelivered) {
    if (message instanceof JobMessage.Submit && !takes(remote(nodeId))) {
      throw new AssertionError(nodeId + " may not be sent a job");
    }
    sent.add(new Sent(nodeId, message, undelivered));
    if (unreachable.contains(nodeId)) {
      undelivered.run();
    }
  }

  @Override
  public void later(long ms, Runnable action) {
    timers.add(new Timer(now + ms * MS, action));
  }

  @Override
  public void lost(RemoteNode node, String why) {
    dispatcher.nodeLost(node, why);
  }

  @Override
  public void available(RemoteNode node) {
    dispatcher.drainQueue();
  }

  @Override
  public void tellNodes(HubMessage message) {}

  @Override
  public void changed(RemoteNode node) {}

  @Override
  public void heard(RemoteNode node) {}

  @Override
  public void submitted(Job job) {
    observed.add("submitted " + job.id());
  }

  @Override
  public void attempted(Job job, String nodeId, int attempt) {
    observed.add("attempted " + job.id() + " " + nodeId + " " + attempt);
  }

  @Override
  public void attemptFailed(Job job, String nodeId, Fault fault, long elapsedNanos) {
    observed.add("attemptFailed " + job.id() + " " + nodeId + " " + fault.failure());
  }

  @Override
  public void firstToken(Job job, String nodeId, long elapsedNanos) {
    observed.add("firstToken " + job.id() + " " + nodeId);
  }

  @Override
  public void completed(Job job, String nodeId, Usage usage, long elapsedNanos) {
    observed.add("completed " + job.id() + " " + nodeId);
  }

  @Override
  public void failed(Job job, String nodeId, Fault fault, long elapsedNanos) {
    observed.add("failed " + job.id() + " " + nodeId + " " + fault.failure());
  }
}
